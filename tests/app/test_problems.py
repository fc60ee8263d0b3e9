"""What /health names as the cause of trouble: every code, its sentence, who is told it, and its metric."""

import platform
import time
from collections.abc import Callable
from typing import Any

import pytest
from redis import Redis

from runtime.scripts import ScriptRunner
from schemas import keys
from schemas.bodies.health import Health
from schemas.limits import Limits
from schemas.operation.part import Part, report
from schemas.operation.troubles import TroubleCode
from schemas.scripts.holds import drain
from tests.app.client import Client
from tests.app.conftest import Start
from tests.app.test_health import NO_TWILIO, pulse, tick
from tests.app.test_tenants import API_KEYS, ask
from tests.processes import BASE_PATH, RedisServer, wait_until
from tests.scripts.conftest import Store

AS_IT_WAS = {
    "maxmemory-policy": "noeviction",
    "maxmemory": "0",
    "appendonly": "yes",
    "appendfsync": "always",
    "auto-aof-rewrite-percentage": "100",
}


@pytest.fixture(autouse=True)
def as_it_was(redis: "Redis") -> Any:
    """A Redis with somebody alive, whose settings are put back."""
    pulse(redis, "one")
    tick(redis, "clock")
    yield
    for name, value in AS_IT_WAS.items():
        redis.config_set(name, value)


def told(redis: "Redis", name: str, kind: str = "worker", ahead_ms: int = 0, **settings: str) -> None:
    """A part reports."""
    ScriptRunner(redis).run(report(Part(name, kind, ahead_ms, settings), Limits(1, 30, 50), ""))


def fill(redis: "Redis", share: float) -> None:
    wait_until(lambda: _settled(redis), 20, "what other tests left in Redis is freed")
    redis.config_set("maxmemory", round(_used_bytes(redis) / share))


def _used_bytes(redis: "Redis") -> int:
    return int(redis.info("memory")["used_memory"])


def _settled(redis: "Redis") -> bool:
    """Redis frees some of it later, by its clock that ticks ten times a second."""
    before = _used_bytes(redis)
    time.sleep(0.5)
    return abs(_used_bytes(redis) - before) < before / 100


def outgrow(redis: "Redis") -> None:
    """What a backup by hand leaves behind that dies between CONFIG SET and its end."""
    redis.config_set("auto-aof-rewrite-percentage", "0")
    redis.bgrewriteaof()
    wait_until(lambda: not redis.info("persistence")["aof_rewrite_in_progress"], 20, "the file is rewritten")
    large = b"x" * (1 << 20)
    wait_until(lambda: redis.set("large", large) and _file_share(redis) > 5, 20, "its file has outgrown what it holds")
    redis.delete("large")


def _file_share(redis: "Redis") -> float:
    return int(redis.info("persistence")["aof_current_size"]) / _used_bytes(redis)


def held(redis: "Redis") -> None:
    Store(redis, 1, 30, 50).hold("Account +12025550100 is not active")


def differ(redis: "Redis") -> None:
    told(redis, "a/1", PUBLIC_BASE_URL="1")
    told(redis, "b/2", "beat", PUBLIC_BASE_URL="2")


#: Code -> what brings it about, and words of its sentence.
CAUSES: dict[str, tuple[Callable[["Redis"], object], list[str]]] = {
    "redis_evicts": (lambda redis: redis.config_set("maxmemory-policy", "allkeys-lru"), ["allkeys-lru", "noeviction"]),
    "redis_not_durable": (lambda redis: redis.config_set("appendonly", "no"), ["appendonly no", "appendonly yes"]),
    "redis_nearly_full": (lambda redis: fill(redis, 0.9), ["% of the", "raise maxmemory"]),
    "redis_file_grows": (outgrow, ["times what it holds", "auto-aof-rewrite-percentage 0", "set that to 100"]),
    "clock_differs": (
        lambda redis: told(redis, "other-host/7", ahead_ms=-120_000),
        ["that of worker 1 is 120 s behind"],
    ),
    "settings_differ": (
        differ,
        ["PUBLIC_BASE_URL has one value in worker 1, another in beat 1"],
    ),
    "account_held": (held, ["Account +1202…00 is not active"]),
    "drained": (lambda redis: ScriptRunner(redis).run(drain()), ["worker.admin resume"]),
    "no_worker": (lambda redis: redis.delete(keys.WORKERS), ["no worker takes messages"]),
    "no_beat": (lambda redis: redis.delete(keys.BEATS), ["no beat ticks"]),
}


async def problems(client: Client) -> list[dict[str, str]]:
    answer = await client.health()
    body = answer.loaded(Health)
    assert body["status"] == ("degraded" if body["problems"] else "healthy")
    return list(body["problems"])


@pytest.mark.parametrize("code", CAUSES)
async def test_a_cause_is_named_with_its_remedy_and_raises_its_metric(start: Start, redis: "Redis", code: str) -> None:
    make, words = CAUSES[code]
    make(redis)
    client = await start()
    (problem,) = await problems(client)
    assert problem["code"] == code
    assert problem["detail"].endswith(".")
    assert [word for word in words if word not in problem["detail"]] == [], problem["detail"]
    text = (await client.ask("GET", "/metrics")).text
    assert f'problem{{code="{code}"}} 1.0' in text
    assert text.count("problem{code=") == len(TroubleCode)


async def test_a_redis_that_leaves_it_to_the_system_when_its_file_is_flushed_is_named(
    start: Start, redis: "Redis"
) -> None:
    """It starts there all the same: only a power cut takes anything away."""
    redis.config_set("appendfsync", "no")
    (problem,) = await problems(await start())
    assert problem["code"] == "redis_not_durable"
    assert "appendfsync no" in problem["detail"]
    assert "set appendfsync always" in problem["detail"]

    redis.config_set("appendfsync", "everysec")
    assert await problems(await start()) == []


async def test_one_that_does_not_tell_its_configuration_is_no_problem_and_is_asked_once(
    start: Start, redis: "Redis", redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.store.standing._STATE_SECONDS", 0.0)
    redis.acl_setuser("quiet", enabled=True, nopass=True, keys="*", channels="*", commands=["+@all", "-config"])
    client = await start(CELERY_BROKER_URL=redis_server.url.replace("redis://", "redis://quiet:any@", 1))
    assert await problems(client) == []
    redis.acl_log_reset()
    assert await problems(client) == []
    assert redis.acl_log() == []
    redis.acl_deluser("quiet")


async def test_without_twilio_s_settings_it_says_so(start: Start) -> None:
    client = await start(**dict.fromkeys(NO_TWILIO, ""))
    (problem,) = await problems(client)
    assert problem["code"] == "twilio_not_configured"


def test_every_code_has_a_cause_here() -> None:
    assert {*CAUSES, "twilio_not_configured"} == set(TroubleCode)


async def test_with_nothing_wrong_there_is_no_problem(client: Client, redis: "Redis") -> None:
    told(redis, "a/1", PUBLIC_BASE_URL="1")
    told(redis, "b/2", "beat", ahead_ms=4000, PUBLIC_BASE_URL="1")
    assert await problems(client) == []


async def test_who_has_no_key_is_told_the_code_alone(start: Start, redis: "Redis") -> None:
    held(redis)
    client = await start(API_KEYS="one:0123456789abcdef")
    assert await problems(client) == [{"code": "account_held"}]
    assert (await client.health()).body["account_error"] == "The account is held"
    answer = await client.ask(
        "GET", "/api/v1/celery/twilio/health", headers={"Authorization": "Bearer 0123456789abcdef"}
    )
    assert "not active" in answer.body["problems"][0]["detail"]
    assert "not active" in answer.body["account_error"]


async def test_no_host_is_named_to_anybody(start: Start, redis: "Redis") -> None:
    for name, ahead_ms, value in (("host-a/1", 60_000, "1"), ("host-b/2", -9_000, "2"), ("host-b/3", -9_000, "2")):
        told(redis, name, ahead_ms=ahead_ms, PUBLIC_BASE_URL=value)
    client = await start(API_KEYS=API_KEYS, ADMIN_KEYS="root", READ_ONLY_KEYS="auditor")
    for name in ("alice", "root", "auditor"):
        for path in ("health", "overview", "stream?for_seconds=1"):
            answer = await ask(client, name, "GET", f"{BASE_PATH}/{path}")
            assert "worker 2" in answer.text
            assert "host-" not in answer.text
            assert platform.node() not in answer.text


async def test_a_part_that_ended_is_not_told_of_any_more(client: Client, redis: "Redis") -> None:
    told(redis, "a/1", PUBLIC_BASE_URL="1")
    told(redis, "b/2", PUBLIC_BASE_URL="2")
    redis.zincrby(keys.PREFIX + "parts", -11_000, "b/2")
    assert await problems(client) == []
