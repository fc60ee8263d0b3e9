"""Twilio not configured, and what nobody foresaw."""

import pytest
from aiohttp import web
from redis import Redis

from tests.app.client import QUEUE_ENDPOINTS, Client
from tests.app.conftest import Start
from tests.app.refusal import invalid, refused
from tests.app.test_refusing import GOOD

SETTINGS = ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_PHONE_NUMBER"]
NOT_INITIALIZED = {
    "detail": "Failed to queue call: Twilio service not initialized",
    "code": "twilio_not_configured",
}


async def boom(request: web.Request) -> web.Response:
    raise RuntimeError("redis://secret-host:6379 said no")


async def conflict(request: web.Request) -> web.Response:
    raise web.HTTPConflict(text="<html>inside</html>")


@pytest.mark.parametrize("missing", [[name] for name in SETTINGS] + [SETTINGS], ids=len)
@pytest.mark.parametrize("endpoint", QUEUE_ENDPOINTS)
async def test_without_twilio_every_queue_endpoint_says_so(
    start: Start, redis: "Redis", endpoint: str, missing: list[str]
) -> None:
    client = await start(**dict.fromkeys(missing, ""))
    for headers in ({}, {"Idempotency-Key": "a-key"}):
        assert refused(await client.post(endpoint, GOOD[endpoint], **headers), 500, redis) == NOT_INITIALIZED


async def test_without_twilio_a_bad_request_is_still_the_clients_fault(start: Start, redis: "Redis") -> None:
    client = await start(TWILIO_ACCOUNT_SID="")
    invalid(await client.post("queue-single-call", {"to_number": "x"}), redis)


async def test_without_twilio_tasks_can_be_asked_for_and_cancelled(start: Start, client: Client) -> None:
    task_id = await client.queue("queue-single-call", {"to_number": "+1234567890"})
    bare = await start(TWILIO_AUTH_TOKEN="")
    assert (await bare.status(task_id)).body["status"] == "PENDING"
    assert (await bare.cancel(task_id)).status == 200


async def test_a_surprise_is_500_and_tells_nothing_of_the_inside(start: Start) -> None:
    client = await start(web.get("/boom", boom))
    body = refused(await client.ask("GET", "/boom"), 500)
    assert "secret" not in body["detail"]
    assert (await client.ask("GET", "/livez")).status == 200


async def test_any_error_of_the_framework_is_json_with_a_sentence(start: Start) -> None:
    client = await start(web.get("/conflict", conflict))
    assert "inside" not in refused(await client.ask("GET", "/conflict"), 409)["detail"]
