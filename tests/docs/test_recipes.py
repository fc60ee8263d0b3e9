"""Recipes of docs/operating.md that a running stack would not survive, as they stand there, on Redis of their own."""

import subprocess
from pathlib import Path

from redis import Redis

from tests.docs.place import Place
from tests.docs.recipes import steps
from tests.processes import ACCOUNT_SID, AUTH_TOKEN, RedisServer, Simulator
from tests.scripts.conftest import Store


def recipe(heading: str) -> list[str]:
    return [step.command for step in steps("docs/operating.md", heading)]


def test_a_backup_and_its_restore_go_as_the_page_says(tmp_path: Path) -> None:
    old, simulator = RedisServer(tmp_path), Simulator(tmp_path)
    (tmp_path / "redis-folder").mkdir()
    new = RedisServer(tmp_path / "redis-folder")
    settings = {
        "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
        "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
        "TWILIO_API_BASE_URL": simulator.url,
    }
    backup, (put, *rest) = recipe("Backup"), recipe("Restore")
    try:
        old.start()
        with Redis.from_url(old.url, decode_responses=True, protocol=2) as redis:
            call = Store(redis, 1, 30, 50).call("+12025550100")
        for command in backup:
            _run(command, tmp_path, {**settings, "CELERY_BROKER_URL": old.url})
        old.stop()
        _run(put, tmp_path, {**settings, "CELERY_BROKER_URL": old.url})
        new.start()
        for command in rest:
            _run(command, tmp_path, {**settings, "CELERY_BROKER_URL": new.url})
        with Redis.from_url(new.url, decode_responses=True, protocol=2) as redis:
            assert Store(redis, 1, 30, 50).state(call) == "unknown"
            assert not redis.exists("tw:copy", "tw:drain")
    finally:
        for ends in (old.stop, new.stop, simulator.process.stop):
            ends()


def _run(command: str, folder: Path, settings: dict[str, str]) -> None:
    environment = Place(folder, "", "", "", settings, "").environment()
    ended = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, timeout=90, check=False
    )
    assert ended.returncode == 0, f"{command}\n{ended.stdout}{ended.stderr}"
