"""What commands name that take a Docker engine, which test_compose.py stands in for, or a cluster, is there."""

import shlex
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Final

import pytest

from tests.docker.files import compose, stages
from tests.docs.pages import Command, commands
from tests.processes import ROOT

_BEGINNINGS: Final = ("docker ", "kubectl apply ", "sh docker/")
_FOUND: Final = [command for command in commands() if command.text.startswith(_BEGINNINGS)]


def _is_service(name: str) -> bool:
    return name in compose()["services"]


#: A word of such a command -> whether what stands behind it is there.
_NAMES: Final[Mapping[str, Callable[[str], bool]]] = {
    "sh": lambda path: (ROOT / path).is_file(),
    "--file": lambda path: (ROOT / path).is_file(),
    "--env-file": lambda path: path == ".env" or (ROOT / path).is_file(),  # one's own, which a page shows
    "--kustomize": lambda path: (ROOT / path / "kustomization.yaml").is_file(),
    "--target": lambda name: name in stages(),
    "--scale": lambda given: _is_service(given.partition("=")[0]),
    "exec": _is_service,
}


def test_each_tool_has_a_command() -> None:
    assert {command.text.split()[0] for command in _FOUND} == {"docker", "kubectl", "sh"}


@pytest.mark.parametrize("command", _FOUND, ids=lambda command: command.text)
def test_what_a_command_names_is_there(command: Command) -> None:
    named = [(word, value) for word, value in pairwise(shlex.split(command.text, comments=True)) if word in _NAMES]

    assert named
    assert [(word, value) for word, value in named if not _NAMES[word](value)] == []
