"""A Redis that answers and lets nothing be written: /health names the cause, and not just that nobody is alive."""

from collections.abc import Callable, Iterator

import pytest
import structlog
from redis import Redis

from tests.app.client import Client
from tests.app.conftest import Start
from tests.app.refusal import refused
from tests.app.test_health import pulse, tick
from tests.processes import RedisServer

BODY = {"to_number": "+1234567890"}
SHY = "shy"


@pytest.fixture(autouse=True)
def as_it_was(redis: "Redis") -> Iterator[None]:
    """Somebody is alive, and what Redis was told is taken back."""
    pulse(redis, "one")
    tick(redis, "clock")
    yield
    redis.replicaof("NO", "ONE")
    redis.config_set("min-replicas-to-write", "0")
    redis.acl_deluser(SHY)


async def problems(client: Client) -> list[dict[str, str]]:
    return list((await client.health()).body["problems"])


@pytest.mark.parametrize(
    ("err", "words"),
    [
        (lambda redis: redis.replicaof("127.0.0.1", "1"), "Redis is a replica, in which nothing can be written"),
        (lambda redis: redis.config_set("min-replicas-to-write", "1"), "too few of its replicas are there"),
    ],
    ids=["replica", "too few replicas"],
)
async def test_it_is_told_while_nothing_can_be_written_and_no_longer(
    start: Start,
    redis: "Redis",
    monkeypatch: pytest.MonkeyPatch,
    err: Callable[["Redis"], object],
    words: str,
) -> None:
    client = await start()
    err(redis)
    refused(await client.post("queue-single-call", BODY), 503)
    (problem,) = await problems(client)
    assert problem["code"] == "redis_not_durable"
    assert words in problem["detail"]
    metrics = (await client.ask("GET", "/metrics")).text
    assert 'problem{code="redis_not_durable"} 1.0' in metrics

    redis.replicaof("NO", "ONE")
    redis.config_set("min-replicas-to-write", "0")
    monkeypatch.setattr("app.store.client._TOLD_SECONDS", 0.0)
    monkeypatch.setattr("app.store.standing._STATE_SECONDS", 0.0)
    assert (await client.post("queue-single-call", BODY)).status == 200
    assert await problems(client) == []


@pytest.mark.parametrize("rule", ["-hset", "-zadd", "resetkeys"])
async def test_it_is_told_that_redis_lets_its_user_do_too_little(
    start: Start, redis: "Redis", redis_server: RedisServer, rule: str
) -> None:
    redis.execute_command("ACL", "SETUSER", SHY, "on", "nopass", "~*", "&*", "+@all", rule)  # type: ignore[no-untyped-call]
    client = await start(CELERY_BROKER_URL=redis_server.url.replace("//", f"//{SHY}:x@"))
    refused(await client.post("queue-single-call", BODY), 503)
    (problem,) = await problems(client)
    assert problem["code"] == "redis_not_durable"
    assert "Redis does not let its user do all that is asked" in problem["detail"]


@pytest.mark.parametrize("rule", ["-evalsha", "-time"])
async def test_it_is_told_too_where_that_makes_it_unhealthy(
    start: Start, redis: "Redis", redis_server: RedisServer, rule: str
) -> None:
    redis.execute_command("ACL", "SETUSER", SHY, "on", "nopass", "~*", "&*", "+@all", rule)  # type: ignore[no-untyped-call]
    client = await start(CELERY_BROKER_URL=redis_server.url.replace("//", f"//{SHY}:x@"))
    health = await client.health()
    assert (health.status, health.body["status"]) == (503, "unhealthy")
    (problem,) = health.body["problems"]
    assert "Redis does not let its user do all that is asked" in problem["detail"]


@pytest.mark.parametrize(("key", "named"), [("lines", "P .. 'lines'"), ("parts", "P .. 'parts'")])
async def test_it_is_told_that_another_program_has_a_key_and_the_log_shows_which(
    start: Start, redis: "Redis", key: str, named: str
) -> None:
    client = await start()
    redis.delete(f"tw:{key}")
    redis.set(f"tw:{key}", "another program's")
    with structlog.testing.capture_logs() as lines:
        refused(await client.post("queue-single-call", BODY), 503) if key == "lines" else await client.health()
    (problem,) = (await client.health()).body["problems"]
    assert "Redis has something else where" in problem["detail"]
    assert any(named in line["line"] for line in lines if line["event"] == "redis_refused")


async def test_it_is_told_that_redis_does_not_take_the_password(
    start: Start, redis: "Redis", redis_server: RedisServer
) -> None:
    client = await start(CELERY_BROKER_URL=redis_server.url.replace("//", "//:swordfish@"))
    health = await client.health()
    assert (health.status, health.body["status"]) == (503, "unhealthy")
    (problem,) = health.body["problems"]
    assert "does not take the password" in problem["detail"]
    assert "swordfish" not in health.text


async def test_it_is_told_that_redis_has_no_such_database(start: Start, redis_server: RedisServer) -> None:
    client = await start(CELERY_BROKER_URL=redis_server.url.removesuffix("/0") + "/99")
    (problem,) = (await client.health()).body["problems"]
    assert "Redis has no database of the number in the URL" in problem["detail"]


async def test_it_is_told_that_the_replicas_that_must_confirm_are_not_there(start: Start) -> None:
    client = await start(REDIS_REPLICAS="1")
    (problem,) = await problems(client)
    assert problem["code"] == "redis_not_durable"
    assert "Redis has 0 replicas, and REDIS_REPLICAS is 1" in problem["detail"]
