"""The file in which `make run` tells where its Redis is, and how a Redis is named to people."""

import stat
from pathlib import Path

import pytest

from runtime.redis_url import without_password
from runtime.running import beside, told
from worker.settings import Settings

SECRET = "se/cr?e;t@"
TOLD = {"CELERY_BROKER_URL": "redis://:sesame@127.0.0.1:8003/0", "MAX_LIVE_CALLS": "7", "TWILIO_AUTH_TOKEN": "token"}


def test_the_file_is_its_users_own_holds_no_more_than_is_needed_and_goes(tmp_path: Path) -> None:
    file = tmp_path / "running.env"
    file.write_text("left behind")
    file.chmod(0o644)
    with told(TOLD, file):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert "token" not in file.read_text()
    assert not file.exists()


def test_who_names_no_redis_gets_that_of_the_file_and_is_told_without_the_password(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "running.env"
    with told(TOLD, file):
        found = beside({"MAX_LIVE_CALLS": "1", "LOG_LEVEL": "DEBUG"}, file)

    assert found == {"CELERY_BROKER_URL": TOLD["CELERY_BROKER_URL"], "MAX_LIVE_CALLS": "7", "LOG_LEVEL": "DEBUG"}
    assert capsys.readouterr().err == "Redis: redis://127.0.0.1:8003/0 (of make run)\n"


def test_commands_keep_and_confirm_and_bound_calls_as_the_parts_that_run_do(tmp_path: Path) -> None:
    """What `cancel` ended was kept for thirty days, whatever CALL_RETENTION_DAYS was to the parts."""
    given = {"CALL_RETENTION_DAYS": "365", "MAX_CALL_SECONDS": "7200", "REDIS_REPLICAS": "2"}
    file = tmp_path / "running.env"
    with told(TOLD | given, file):
        settings = Settings.read(beside({}, file))
    assert (settings.retention_days, settings.max_call_seconds, settings.sentinel.replicas) == (365, 7200, 2)


def test_a_value_of_several_lines_is_told_whole_and_blanks_name_no_redis(tmp_path: Path) -> None:
    file, windows = tmp_path / "running.env", 'mon-fri 08:00-20:00;\n\n sat 10:00-12:00 = "short"\n'
    with told({**TOLD, "CALLING_WINDOWS": windows}, file):
        found = beside({"REDIS_URL": " "}, file)
    assert (found["CALLING_WINDOWS"], found["CELERY_BROKER_URL"]) == (windows, TOLD["CELERY_BROKER_URL"])


def test_what_an_earlier_version_left_is_as_good_as_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "running.env"
    file.write_text("CELERY_BROKER_URL=redis://127.0.0.1:1/0\n")
    assert beside({}, file) == {}
    assert "by default" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["CELERY_BROKER_URL", "REDIS_URL"])
def test_who_names_a_redis_gets_that_one_without_a_word(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "running.env"
    named = {name: "redis://elsewhere/0"}
    with told(TOLD, file):
        assert beside(named, file) == named
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://localhost:6379/0", "redis://localhost:6379/0"),
        (f"redis://:{SECRET}@localhost:6379/0", "redis://localhost:6379/0"),
        (f"rediss://user:{SECRET}@host/0?password=other&ssl_cert_reqs=none", "rediss://host/0"),
        ("redis://host/0?password=secret", "redis://host/0"),
        ("sentinel://:secret@a:26379;sentinel://:secret@b:26379/0", "sentinel://a:26379;sentinel://b:26379/0"),
        ("redis+socket:///run/redis.sock?virtual_host=1", "redis+socket:///run/redis.sock"),
    ],
)
def test_no_password_is_shown_however_it_is_written(url: str, shown: str) -> None:
    assert without_password(url) == shown
