"""docker/upgrade.sh, with a docker that notes what it is told and answers as compose does."""

import os
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.docker.files import DOCKER
from tests.docs.pages import commands

#: As docs/operating.md has it.
(COMMAND,) = (shlex.split(one.text) for one in commands() if one.text.startswith("sh docker/upgrade.sh "))
OPTIONS = COMMAND[2:]
#: Notes its arguments; `version` tells that of the images that are there, which `build` makes new.
FAKE = """#!/bin/sh
echo "$*" >> docker.log
[ -n "${BREAKS:-}" ] && case "$*" in *"$BREAKS"*) echo broken >&2; exit 1;; esac
case "$*" in
    *" ps --quiet worker") seq "$WORKERS";;
    *" ps --quiet beat") seq 2;;
    *" ps --quiet web") seq 1;;
    *" build "*) touch built;;
    *"worker.admin version") [ -e built ] && BEFORE=$AFTER; [ "$BEFORE" ] && echo "$BEFORE";;
esac
"""


class Docker:
    """What was asked of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / "docker").symlink_to(DOCKER)
        (folder / "bin").mkdir()
        (folder / "bin" / "docker").write_text(FAKE)
        (folder / "bin" / "docker").chmod(0o700)

    def upgrade(self, **told: str) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": f"{self._folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "WORKERS": "8",
            "BEFORE": "0.1.0 records 2.2",
            **told,
        }
        return subprocess.run(
            COMMAND, cwd=self._folder, env=environment, capture_output=True, text=True, timeout=20, check=False
        )

    @property
    def asked(self) -> list[str]:
        """Each command, without what stands in all."""
        begin = f"compose {' '.join(OPTIONS)} "
        lines = (self._folder / "docker.log").read_text().splitlines()
        assert all(line.startswith(begin) for line in lines)
        return [line.removeprefix(begin) for line in lines]


@pytest.fixture
def docker(tmp_path: Path) -> Docker:
    return Docker(tmp_path)


def test_as_many_as_before_are_exchanged_workers_first_and_the_web_tier_last(docker: Docker) -> None:
    ended = docker.upgrade(AFTER="0.2.0 records 2.2")
    exchanged = [line.split("--scale ")[1] for line in docker.asked if line.startswith("up ")]

    assert ended.returncode == 0, ended.stderr
    assert exchanged == ["worker=8 worker", "beat=2 beat", "web=1 web"]
    assert all("--wait --no-deps" in line for line in docker.asked if line.startswith("up "))
    assert docker.asked.index("build web worker") < docker.asked.index(
        "run --rm --no-deps -T --entrypoint python worker -m worker.admin version"
    )
    assert "from 0.1.0 records 2.2 to 0.2.0 records 2.2: 8 workers, 2 beats, 1 web processes" in ended.stdout


@pytest.mark.parametrize(
    ("after", "told"), [("0.2.0 records 2.2", "You may go back"), ("0.2.0 records 2.3", "Go back only if you must")]
)
def test_it_says_whether_one_may_go_back(docker: Docker, after: str, told: str) -> None:
    assert told in docker.upgrade(AFTER=after).stdout


@pytest.mark.parametrize("broken", ["build web worker", "worker=8 worker"])
def test_it_stops_at_what_fails_before_it_touches_more(docker: Docker, broken: str) -> None:
    ended = docker.upgrade(AFTER="0.2.0 records 2.2", BREAKS=broken)

    assert ended.returncode != 0
    assert broken in docker.asked[-1]
    assert "go back" not in ended.stdout


def test_where_nothing_runs_it_changes_nothing_and_says_so(docker: Docker) -> None:
    ended = docker.upgrade(AFTER="0.2.0 records 2.2", WORKERS="0")

    assert ended.returncode == 1
    assert "Nothing changed" in ended.stderr
    assert all(line.startswith("ps ") for line in docker.asked)


def test_an_older_version_that_does_not_tell_its_own_is_upgraded_too(docker: Docker) -> None:
    ended = docker.upgrade(AFTER="0.2.0 records 2.2", BEFORE="")

    assert ended.returncode == 0, ended.stderr
    assert "from an older version" in ended.stdout
    assert "Go back only if you must" in ended.stdout
