"""Every program that a page or the Makefile names has help, and refuses what it does not know."""

import re
import subprocess
import sys

import pytest

from tests.docs.pages import PAGES
from tests.processes import BIN, ROOT

OTHERS = {"pip", "pytest"}
TEXTS = "\n".join([*PAGES.values(), (ROOT / "Makefile").read_text("utf-8"), "python -m docker.local.embedded_redis"])
MODULES = sorted(set(re.findall(r"python -m ((?:\w+\.)*\w+)", TEXTS)) - OTHERS)
CELERY = [str(BIN / "celery"), "-A", "worker"]


def _ended(*command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=40, check=False)


def test_the_programs_are_found() -> None:
    assert {"app", "simulator", "worker.admin", "worker.health", "docker.local", "tests.smoke"} <= set(MODULES)


@pytest.mark.parametrize("module", MODULES)
def test_a_program_has_help_and_does_nothing_when_it_is_asked_for_what_it_does_not_know(module: str) -> None:
    helped = _ended(sys.executable, "-m", module, "--help")
    refused = _ended(sys.executable, "-m", module, "--nonsense")

    assert (helped.returncode, helped.stdout.partition(" ")[0]) == (0, "usage:")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "error: " in refused.stderr


@pytest.mark.parametrize("part", ["worker", "beat", "flower"])
def test_a_command_of_celery_too(part: str) -> None:
    helped = _ended(*CELERY, part, "--help")
    refused = _ended(*CELERY, part, "--adress=127.0.0.1")

    assert (helped.returncode, helped.stdout.partition(" ")[0]) == (0, "Usage:")
    assert refused.returncode == 2
    assert "--adress" in refused.stderr


def test_flower_is_started_on_the_loopback_address_wherever_a_page_tells_how() -> None:
    told = re.findall(r"celery -A worker flower[^\n`]*", TEXTS)

    assert told
    assert all("--address=127.0.0.1" in command for command in told)
