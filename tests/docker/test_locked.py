"""What make and the images install: exactly what is needed, and nothing whose hash is not in requirements.lock."""

import configparser
import re
from collections.abc import Iterator
from importlib.metadata import requires

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from docker import locked
from tests.docker.files import DOCKER
from tests.processes import ROOT

PROJECT = "celery-twilio-api"
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
PINS = locked.read(LOCK)


def _setup() -> configparser.ConfigParser:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    return setup


def _named(package: str, extra: str) -> list[str]:
    """What a package, as it is installed, or this project, as it stands here, says that it needs."""
    if package != PROJECT:
        return requires(package) or []
    needed = _setup()["options"]["install_requires"] + _setup()["options.extras_require"].get(extra, "")
    return [line for line in needed.splitlines() if line]


def _needed(package: str, extra: str, seen: set[tuple[str, str]]) -> set[str]:
    """What it needs on this machine, and what these need."""
    seen.add((package, extra))
    found = set[str]()
    for line in _named(package, extra):
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
            other = canonicalize_name(requirement.name)
            found.add(other)
            for more in {"", *requirement.extras}:
                found |= set() if (other, more) in seen else _needed(other, more, seen)
    return found - {PROJECT}


def _picked(extra: str) -> Iterator[str]:
    """Names of the pins that count on this machine."""
    for line in locked.part([extra]).splitlines():
        if not line.startswith(" "):
            requirement = Requirement(line.rstrip(" \\"))
            if requirement.marker is None or requirement.marker.evaluate():
                yield canonicalize_name(requirement.name)


@pytest.mark.parametrize("extra", ["app", "worker", "flower", "simulator", "run", "tracing"])
def test_an_extra_gets_exactly_what_it_needs(extra: str) -> None:
    assert set(_picked(extra)) == _needed(PROJECT, extra, set())


def test_what_builds_the_project_is_locked_too() -> None:
    assert "setuptools==" in locked.part(["build"])


def test_every_package_that_an_extra_names_is_locked_to_one_version_with_hashes() -> None:
    setup, build = _setup(), {"requires": list[str]()}
    named = set[str]().union(*(locked.named(extra, setup, build) for extra in setup["options.extras_require"]))

    assert named <= set(PINS)
    for name, pin in PINS.items():
        first, *hashes = pin.lines.split(" \\\n")
        assert re.fullmatch(rf"{name}==[\w.]+( ; .+)?", first)
        assert hashes
        assert all(re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}", line) for line in hashes)


def _pip_commands() -> Iterator[str]:
    dockerfile = (DOCKER / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    makefile = (ROOT / "Makefile").read_text("utf-8").replace("\\\n", " ")
    for text, name, definition in (
        (makefile, "$(INSTALL)", r"^INSTALL := (.+)$"),
        (dockerfile, "$INSTALL", r'^ENV INSTALL="(.+)"$'),
    ):
        meant = re.search(definition, text, re.MULTILINE)
        assert meant
        commands = text.replace(meant[0], "").replace(name, meant[1])
        yield from (command.strip() for command in re.split(r"\n|&&", commands) if "-m pip " in command)


def test_nothing_is_installed_that_is_not_held_against_its_hash_but_this_project_itself() -> None:
    commands = list(_pip_commands())
    ours = [command for command in commands if "--require-hashes --requirement" not in command]

    assert len(commands) == 10
    assert all("--no-deps" in command for command in commands)
    assert [command.split()[-1] for command in ours] == [".", ".", "own/*.whl"]
    assert sum("--no-build-isolation" in command for command in ours) == len([".", "."])


def test_an_unknown_extra_is_told() -> None:
    with pytest.raises(KeyError, match="nope"):
        locked.part(["nope"])
