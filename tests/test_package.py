"""What is installed: one version, said once, types, and the scripts."""

import configparser
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from zipfile import ZipFile

import pytest
import yaml

from tests.processes import ROOT

PACKAGES = ("app", "worker", "schemas", "runtime", "simulator")
#: The document is made from the installed version, and the tags say which images a cluster is to run.
TOLD_AGAIN = {"openapi.yaml", "docker/kubernetes/kustomization.yaml"}


@pytest.fixture(scope="module")
def said() -> str:
    """The version, where it is said."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    return setup["metadata"]["version"]


def _texts() -> Iterator[Path]:
    yield from (ROOT / name for name in ("README.md", "Makefile", "pyproject.toml", "openapi.yaml"))
    for folder in (*PACKAGES, "docker", "docs", "examples"):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and path.suffix not in {".pyc", ".png"}:
                yield path


def test_the_installed_version_is_that_of_setup_cfg(said: str) -> None:
    assert version("celery-twilio-api") == said, "installed before the version changed: make installs anew"


def test_the_version_is_said_nowhere_else(said: str) -> None:
    form = re.compile(rf"(?<![\d.]){re.escape(said)}(?![\d.])")
    telling = {str(path.relative_to(ROOT)) for path in _texts() if form.search(path.read_text("utf-8"))}

    assert telling == TOLD_AGAIN


def test_a_cluster_runs_the_images_of_this_version(said: str) -> None:
    kustomization = yaml.safe_load((ROOT / "docker/kubernetes/kustomization.yaml").read_text("utf-8"))

    ours = [image for image in kustomization["images"] if image["name"].startswith("celery-twilio-api-")]
    assert {image["newTag"] for image in ours} == {said}


def test_a_wheel_holds_the_code_its_types_and_every_script(said: str, tmp_path: Path) -> None:
    tree = tmp_path / "project"
    tree.mkdir()
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tree)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tree / package, ignore=shutil.ignore_patterns("__pycache__"))
    build = "from setuptools.build_meta import build_wheel; print(build_wheel('.'))"
    subprocess.run([sys.executable, "-c", build], cwd=tree, check=True, capture_output=True, timeout=60)

    with ZipFile(tree / f"celery_twilio_api-{said}-py3-none-any.whl") as wheel:
        held = {name for name in wheel.namelist() if not name.startswith("celery_twilio_api-")}
    wanted = {str(path.relative_to(tree)) for package in PACKAGES for path in (tree / package).rglob("*.*")}
    files = (".py", ".lua", "py.typed", ".html", ".css", ".js", ".svg")
    assert held == {path for path in wanted if path.endswith(files)}
    assert {f"{package}/py.typed" for package in PACKAGES} <= held
