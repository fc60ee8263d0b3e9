"""Ctrl-C while a program is still being loaded, by who sees that it is not the one that was meant."""

import signal
import subprocess
import sys

import pytest

from tests.processes import ROOT, START_SECONDS


@pytest.mark.parametrize(
    ("program", "module"),
    [("app", "app.server"), ("docker.local", "docker.local.stack"), ("worker.admin", "worker.admin.store")],
)
def test_it_ends_without_a_word(program: str, module: str) -> None:
    command = [sys.executable, "-m", "tests.told_while_importing", "SIGINT", module, program]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=START_SECONDS, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (-signal.SIGINT, "told\n", "")
