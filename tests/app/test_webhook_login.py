"""A `webhook_url` may say how Twilio logs in there; nobody else learns it."""

import json

import pytest
import requests
from redis import Redis

from schemas import keys
from tests.app.away import Away
from tests.app.client import PUBLIC, QUEUE_ENDPOINTS
from tests.app.conftest import Start
from tests.app.refusal import refused
from tests.app.test_refusing import GOOD
from tests.processes import BASE_PATH, FROM_NUMBER, wait_until
from worker.admin.__main__ import main

URL = "https://amy:s3cret-of-amy@client.example/twiml"


@pytest.mark.parametrize("settings", [{}, {"PUBLIC_BASE_URL": PUBLIC}], ids=["without our webhooks", "with them"])
@pytest.mark.parametrize("endpoint", QUEUE_ENDPOINTS)
async def test_it_goes_to_twilio_as_it_is_and_task_status_tells_nothing(
    start: Start, redis: "Redis", endpoint: str, settings: dict[str, str]
) -> None:
    client = await start(**settings)
    task_id = await client.queue(endpoint, GOOD[endpoint] | {"webhook_url": URL})
    assert redis.hget(keys.task(task_id), "webhook_url") == URL
    for answer in (await client.status(task_id), await client.cancel(task_id), await client.status(task_id)):
        assert answer.status == 200
        assert "amy" not in answer.text


async def test_not_on_our_own_host(start: Start, redis: "Redis") -> None:
    client = await start(PUBLIC_BASE_URL=PUBLIC)
    own = PUBLIC.replace("://", "://amy:s3cret-of-amy@") + "/api/v1/twilio/incoming-call"
    answer = await client.post("queue-single-call", GOOD["queue-single-call"] | {"webhook_url": own})
    assert "s3cret" not in json.dumps(refused(answer, 400, redis))


def test_neither_log_nor_admin_tells_who_logs_in(
    away: Away, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    away.start(LOG_LEVEL="DEBUG")
    url = f"{away.url}{BASE_PATH}/queue-single-call"
    for body in ({"to_number": "+12025550123"}, {"to_number": "nobody"}, {"to_number": FROM_NUMBER}):
        requests.post(url, json=body | {"webhook_url": URL}, timeout=10)
    wait_until(lambda: away.output.count("queue-single-call") >= 3, what="three requests are logged")
    assert "amy" not in away.output

    monkeypatch.setenv("CELERY_BROKER_URL", away.redis.url)
    main(["export", "--jsonl"])
    exported = capsys.readouterr().out
    assert "+12025550123" in exported
    assert "amy" not in exported
