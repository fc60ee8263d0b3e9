"""The files of docker/, read as the tools read them."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.processes import ROOT

DOCKER = ROOT / "docker"
#: Docker's words are instructions; those that matter here take JSON or a stage's name.
_STAGE = re.compile(r"^FROM (\S+) AS (\S+)$", re.MULTILINE)
_VARIABLE = re.compile(r"\$\{(\w+)(?::-([^}]*))?\}")
_READ = re.compile(r'environment(?:\.\w+\(|,)\s*"([A-Z_]+)"')


def compose(file: str = "compose.yaml") -> dict[str, Any]:
    return dict(yaml.safe_load((DOCKER / file).read_text("utf-8")))


def manifests() -> Iterator[dict[str, Any]]:
    """Every object of docker/kubernetes, the examples too."""
    for path in sorted((DOCKER / "kubernetes").glob("*.yaml")):
        if path.name != "kustomization.yaml":
            yield from yaml.safe_load_all(path.read_text("utf-8"))


def pods() -> dict[str, dict[str, Any]]:
    """Name of a workload -> spec of its pods."""
    return {
        m["metadata"]["name"]: m["spec"]["template"]["spec"] for m in manifests() if "template" in m.get("spec", {})
    }


def stages() -> dict[str, str]:
    """Each stage of the Dockerfile -> its text, in one line per instruction."""
    text = (DOCKER / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    parts = _STAGE.split(text)[1:]
    return dict(zip(parts[1::3], parts[2::3], strict=True))


def filled(value: str, variables: Mapping[str, str]) -> str:
    """A value of the compose file with `${NAME:-default}` replaced."""
    return _VARIABLE.sub(lambda match: variables.get(match[1]) or match[2] or "", value)


def env_file(text: str) -> dict[str, str]:
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return dict(line.split("=", 1) for line in lines)


def settings_read_by(*patterns: str) -> set[str]:
    """Names of the settings that these modules read."""
    modules = [path.read_text("utf-8") for pattern in patterns for path in ROOT.glob(pattern)]
    return {name for module in modules for name in _READ.findall(module)}


def schema(name: str) -> dict[str, Any]:
    return dict(json.loads(Path(__file__).with_name(name).read_text("utf-8")))
