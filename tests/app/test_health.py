"""Health, and the probes of orchestrators."""

import time
from datetime import UTC, datetime

import pytest
from redis import Redis

from runtime.scripts import ScriptRunner
from schemas import keys
from schemas.bodies.health import Health
from schemas.hours.database import VERSION
from schemas.limits import Limits
from schemas.scripts import clock
from schemas.scripts.holds import drain, resume
from tests.app.client import Client
from tests.app.conftest import Start

NO_TWILIO = ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_PHONE_NUMBER"]


def pulse(redis: "Redis", worker: str, *, leaves: bool = False) -> None:
    ScriptRunner(redis).run(clock.pulse(worker, leaving=leaves))


def tick(redis: "Redis", beat: str) -> None:
    ScriptRunner(redis).run(clock.clock(beat, Limits(1, 30, 50), 30))


async def health(client: Client) -> dict[str, object]:
    before = datetime.now(UTC).replace(microsecond=0)
    answer = await client.health()
    loaded = answer.loaded(Health)
    assert answer.body["timestamp"].endswith("Z")
    assert before <= loaded["timestamp"] <= datetime.now(UTC)
    return loaded


async def test_with_a_worker_and_a_beat_it_is_healthy(client: Client, redis: "Redis") -> None:
    pulse(redis, "one")
    pulse(redis, "two")
    tick(redis, "clock")
    body = await health(client)
    del body["timestamp"]
    assert body == {
        "status": "healthy",
        "twilio_configured": True,
        "celery_configured": True,
        "redis": True,
        "workers": 2,
        "beat": True,
        "queue_depth": 0,
        "tzdata": VERSION,
        "simulated": True,
        "problems": [],
    }


@pytest.mark.parametrize(("worker", "beat"), [(False, False), (True, False), (False, True)])
async def test_without_a_worker_or_a_beat_it_is_degraded(
    client: Client, redis: "Redis", worker: bool, beat: bool
) -> None:
    if worker:
        pulse(redis, "one")
    if beat:
        tick(redis, "clock")
    body = await health(client)
    assert (body["status"], body["workers"], body["beat"]) == ("degraded", int(worker), beat)


async def test_a_worker_that_left_does_not_count(client: Client, redis: "Redis") -> None:
    pulse(redis, "one")
    pulse(redis, "two")
    pulse(redis, "one", leaves=True)
    assert (await health(client))["workers"] == 1


@pytest.mark.parametrize(("kind", "name"), [("workers", "workers"), ("beats", "beat")])
async def test_an_old_heartbeat_does_not_count(client: Client, redis: "Redis", kind: str, name: str) -> None:
    pulse(redis, "one")
    tick(redis, "clock")
    (member,) = redis.zrange(keys.PREFIX + kind, 0, -1)
    redis.zadd(keys.PREFIX + kind, {str(member): time.time() * 1000 - 11_000})
    body = await health(client)
    assert body["status"] == "degraded"
    assert not body[name]


@pytest.mark.parametrize("missing", NO_TWILIO)
async def test_without_a_part_of_the_twilio_settings_it_is_degraded(start: Start, redis: "Redis", missing: str) -> None:
    client = await start(**{missing: ""})
    pulse(redis, "one")
    tick(redis, "clock")
    body = await health(client)
    assert (body["status"], body["twilio_configured"]) == ("degraded", False)


@pytest.mark.parametrize(
    ("url", "simulated"),
    [
        ("https://api.twilio.com", False),
        ("https://api.dublin.ie1.twilio.com", False),
        ("http://127.0.0.1:8010", True),
        ("https://twilio.com.example.org", True),
        ("https://nottwilio.com", True),
    ],
)
async def test_simulated_says_whether_calls_are_real(start: Start, url: str, simulated: bool) -> None:
    client = await start(TWILIO_API_BASE_URL=url)
    assert (await health(client))["simulated"] is simulated


async def test_queue_depth_counts_what_is_due_and_no_more(client: Client) -> None:
    await client.queue("queue-single-call", {"to_number": "+1234567890", "delay_seconds": 600})
    assert (await health(client))["queue_depth"] == 0
    due = [await client.queue("queue-single-call", {"to_number": "+1234567890"}) for _ in range(3)]
    assert (await health(client))["queue_depth"] == 3
    await client.cancel(due[0])
    assert (await health(client))["queue_depth"] == 2
    await client.queue("queue-bulk-calls", {"phone_numbers": ["+1234567890"]})
    assert (await health(client))["queue_depth"] == 3


async def test_asking_for_health_writes_nothing(client: Client, redis: "Redis") -> None:
    await health(client)
    assert redis.dbsize() == 0


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
async def test_the_probes_answer_ok(client: Client, path: str) -> None:
    answer = await client.ask("GET", path)
    assert (answer.status, answer.body) == (200, {"status": "ok"})


async def test_metrics_count_requests_and_accepted_tasks(client: Client) -> None:
    await client.post("queue-single-call", {"to_number": "+1234567890"})
    await client.post("queue-single-call", {"to_number": "1234567890"})
    text = (await client.ask("GET", "/metrics")).text

    assert 'tasks_accepted_total{kind="single"} 1.0' in text
    route = "/api/v1/celery/twilio/queue-single-call"
    assert f'http_requests_total{{method="POST",route="{route}",status="200"}} 1.0' in text
    assert f'http_requests_total{{method="POST",route="{route}",status="400"}} 1.0' in text


async def test_metrics_name_no_number(client: Client) -> None:
    await client.post("queue-single-call", {"to_number": "+1234567890"})

    assert "1234567890" not in (await client.ask("GET", "/metrics")).text


async def test_while_the_operator_drains_it_is_degraded_and_says_so(client: Client, redis: "Redis") -> None:
    pulse(redis, "one")
    tick(redis, "clock")
    ScriptRunner(redis).run(drain())
    body = await health(client)
    assert (body["status"], body["drained"]) == ("degraded", True)
    ScriptRunner(redis).run(resume())
    body = await health(client)
    assert (body["status"], body.get("drained")) == ("healthy", None)
