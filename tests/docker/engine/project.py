"""A compose project: its files, merged, with the variables of the shell and of the env file filled in."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from tests.docker.engine.refusal import Refusal
from tests.docker.files import env_file

_VARIABLE: Final = re.compile(r"\$(?:(\$)|\{(\w+):([-?])([^}]*)\}|(.))")
_PORT: Final = re.compile(r"([\d.]+):(\d+)(?:-\d+)?:(\d+)")
#: What is said of a service and counts here; and what only an engine can make true, which other tests look at.
_HEEDED: Final = {
    *("build", "command", "depends_on", "deploy", "environment", "healthcheck", "image", "ports", "profiles"),
    *("stop_grace_period", "volumes"),
}
_ONLY_TOLD: Final = {
    *(
        "cap_drop",
        "init",
        "logging",
        "network_mode",
        "networks",
        "read_only",
        "restart",
        "security_opt",
        "tmpfs",
        "user",
    ),
}
_GRACE: Final = "10s"


@dataclass(frozen=True)
class Service:
    """One part, as the files have it."""

    name: str
    image: str
    target: str  #: of the Dockerfile; '' for an image that others make
    command: Sequence[str]  #: none: the image's own
    environment: Mapping[str, str]
    volumes: Sequence[tuple[str, str, bool]]  #: from where, to which path, and whether it can only be read
    ports: Sequence[tuple[str, int, int]]  #: address and port of this machine, port of the container
    check: Sequence[str]  #: none: the image's own
    replicas: int
    grace_seconds: float
    needs: Mapping[str, str] = field(default_factory=dict)  #: services -> what must be true of them

    @classmethod
    def read(cls, name: str, told: Mapping[str, Any]) -> "Service":
        if unknown := set(told) - _HEEDED - _ONLY_TOLD:
            raise Refusal(f"This engine does not know what {', '.join(sorted(unknown))} of {name} is")
        needs = told.get("depends_on", {})
        return cls(
            name,
            told["image"],
            told.get("build", {}).get("target", ""),
            told.get("command", ()),
            {key: str(value) for key, value in told.get("environment", {}).items()},
            [_volume(one) for one in told.get("volumes", ())],
            [_port(one) for one in told.get("ports", ())],
            told.get("healthcheck", {}).get("test", ()),
            int(told.get("deploy", {}).get("replicas", 1)),
            float(told.get("stop_grace_period", _GRACE).removesuffix("s")),
            {one: needs[one]["condition"] for one in needs},
        )


class Project:
    """The services that are asked for, by their names, in the order in which they are needed."""

    def __init__(self, files: Sequence[Path], env: Path, shell: Mapping[str, str]) -> None:
        variables = {**env_file(env.read_text("utf-8")), **shell}
        told: dict[str, Any] = {}
        for file in files:
            told = _merged(told, yaml.safe_load(file.read_text("utf-8")))
        profiles = {*variables.get("COMPOSE_PROFILES", "").split(",")}
        chosen = {n: s for n, s in told["services"].items() if set(s.get("profiles", profiles)) & profiles}
        read = {name: Service.read(name, _filled(one, variables)) for name, one in chosen.items()}
        self.folder = files[0].parent.resolve()  #: what paths in the files begin at
        self.volumes = set(told.get("volumes", ()))
        self.services: dict[str, Service] = {}
        for name in read:
            self._add(name, read)

    def service(self, name: str) -> Service:
        if name not in self.services:
            raise Refusal(f"no such service: {name}")
        return self.services[name]

    def _add(self, name: str, read: Mapping[str, Service]) -> None:
        for needed in read[name].needs:
            self._add(needed, read)
        self.services.setdefault(name, read[name])


def _merged(one: Any, other: Any, key: str = "") -> Any:
    """As compose merges what a later file says into what an earlier one does."""
    if isinstance(one, dict) and isinstance(other, dict):
        return {**one, **{name: _merged(one.get(name), value, name) for name, value in other.items()}}
    if isinstance(one, list) and isinstance(other, list) and key not in {"command", "test"}:
        return [*one, *(value for value in other if value not in one)]
    return other


def _filled(told: Any, variables: Mapping[str, str]) -> Any:
    if isinstance(told, dict):
        return {name: _filled(value, variables) for name, value in told.items()}
    if isinstance(told, list):
        return [_filled(value, variables) for value in told]
    return _VARIABLE.sub(lambda found: _meant(found, variables), told) if isinstance(told, str) else told


def _meant(found: "re.Match[str]", variables: Mapping[str, str]) -> str:
    dollar, name, kind, text, odd = found.groups()
    if odd:
        raise Refusal(f"This engine does not know what ${odd} is")
    value = "$" if dollar else variables.get(name, "")
    if not value and kind == "?":
        raise Refusal(f"{name} {text}")
    return value or text


def _volume(told: str) -> tuple[str, str, bool]:
    source, target, *rest = told.split(":")
    return source, target, rest == ["ro"]


def _port(told: str) -> tuple[str, int, int]:
    if not (found := _PORT.fullmatch(told)):
        raise Refusal(f"This engine does not publish {told}")
    return found[1], int(found[2]), int(found[3])
