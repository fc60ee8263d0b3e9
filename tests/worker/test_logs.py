"""The log of a process holds what nobody caught, too."""

import json
import os
import subprocess
import sys

import pytest

from tests.processes import ROOT

_WORKER = "from worker.settings import Settings; from worker import logs; logs.configure(Settings.read({}))"
_WEB = "from app.settings import Settings; from app.telemetry import logs; logs.configure(Settings.read({}))"
_SURPRISES = """
import threading, warnings
warnings.warn("old way")
thread = threading.Thread(target=lambda: 1 / 0)
thread.start()
thread.join()
raise RuntimeError("broken at +12025550123")
"""


@pytest.mark.parametrize("configured", [_WORKER, _WEB], ids=["worker", "web"])
def test_warnings_and_uncaught_exceptions_are_lines_like_all_others(configured: str) -> None:
    command = [sys.executable, "-W", "default", "-c", f"{configured}\n{_SURPRISES}"]
    done = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, timeout=60, check=False)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    warning, in_thread, in_main = lines

    assert (done.returncode, done.stderr) == (1, "")
    assert (warning["level"], "old way" in warning["event"]) == ("warning", True)
    assert (in_thread["event"], "ZeroDivisionError" in in_thread["exception"]) == ("uncaught_in_thread", True)
    assert (in_main["event"], in_main["level"]) == ("uncaught", "critical")
    assert "broken at +1202…23" in in_main["exception"]
