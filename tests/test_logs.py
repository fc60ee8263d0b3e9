"""The search through the logs of a test run finds what it looks for."""

from pathlib import Path

import pytest

from tests.logs import Logs


@pytest.fixture
def kept(tmp_path: Path) -> Logs:
    logs = Logs()
    environment = {
        "TWILIO_AUTH_TOKEN": "token-of-twilio",
        "API_KEYS": "one:first-secret,two:second-secret",
        "REDIS_URL": "rediss://user:password-of-redis@localhost/0",
    }
    logs.opened(tmp_path / "web.log", environment)
    logs.sent({"to_number": "+12025550123", "call_metadata": {"message": "Your parcel is here."}})
    return logs


@pytest.mark.parametrize(
    "line",
    [
        "to=+12025550199",
        "GET /Calls.json?To=%2B12025550199",
        "called 12025550123",
        "said 'Your parcel is here.'",
        "token-of-twilio",
        "Bearer second-secret",
        "redis://:password-of-redis@host",
    ],
)
def test_a_leak_is_found(kept: Logs, line: str) -> None:
    (file,) = kept.files
    file.write_text(f"something\n{line}\n")
    assert len(kept.leaks()) == 1


def test_what_may_be_logged_is_no_leak(kept: Logs) -> None:
    (file,) = kept.files
    file.write_text('{"call_id": "3bda12345678-1234567890", "at": "2026-11-23T17:20:09.123456Z", "to": "+1202…23"}\n')
    assert kept.leaks() == []
