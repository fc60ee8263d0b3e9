"""The tests themselves, run by somebody whose shell is set up for other things."""

import os
import subprocess
import sys

from tests.processes import ROOT, START_SECONDS

_ONE = "tests/worker/test_check.py::test_of_each_it_says_whether_it_is_well"
_PROXY = "http://127.0.0.1:9"
_SHELL = {
    **dict.fromkeys(("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"), _PROXY),
    "BROKER_URL": "amqp://elsewhere",
    "REDIS_URL": "redis://elsewhere:6379/0",
    "CALLING_WINDOWS": "nonsense",
    "MAX_LIVE_CALLS": "nonsense",
    "TZ": "Asia/Kolkata",
}


def test_tests_pass_whatever_proxy_and_settings_the_shell_names() -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", _ONE]
    environment = {**os.environ, **_SHELL, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=START_SECONDS, check=False
    )
    assert ended.returncode == 0, ended.stdout
