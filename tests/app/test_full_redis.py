"""A Redis without memory left: what it is told as, and that work it already has is steered and ended all the same."""

from collections.abc import Iterator

import pytest
from redis import Redis

from schemas import keys
from schemas.scripts.begin import Go
from schemas.scripts.cancel import ALL, forget, forget_number
from schemas.scripts.outcome import placed
from tests.app.client import Client
from tests.app.test_problems import fill as nearly_fill
from tests.processes import BASE_PATH
from tests.scripts.conftest import Store
from worker.admin.__main__ import main


@pytest.fixture(autouse=True)
def room(redis: "Redis") -> Iterator[None]:
    """Memory is given back."""
    yield
    redis.config_set("maxmemory", 0)


def fill(redis: "Redis") -> None:
    """Nothing may be written that takes memory."""
    redis.config_set("maxmemory", redis.info("memory")["used_memory"] // 2)


async def test_it_is_told_as_what_it_is_and_no_further_call_is_accepted(client: Client, redis: "Redis") -> None:
    body = {"phone_numbers": ["+1234567890"]}
    campaign = await client.queue("queue-bulk-calls", body)
    nearly_fill(redis, 0.98)
    codes = [problem["code"] for problem in (await client.health()).body["problems"]]
    assert "redis_nearly_full" in codes
    bodies = {"queue-bulk-calls": body, f"tasks/{campaign}/recipients": body}
    bodies[f"tasks/{campaign}/retry"] = {"outcomes": ["busy"]}
    for endpoint, further in bodies.items():
        answer = await client.post(endpoint, further)
        assert (answer.status, answer.body["code"]) == (503, "unavailable")
        assert answer.body["detail"] == "There is no room for further calls at the moment; please try again."
        assert answer.headers["Retry-After"]
    assert redis.keys(keys.task("*")) == [keys.task(campaign)]
    assert redis.llen(keys.rows(campaign)) == 1


async def test_one_number_comes_onto_a_do_not_call_list_and_many_do_not(client: Client, redis: "Redis") -> None:
    """Any key filled it up, beyond what Redis may use."""
    many = {"phone_numbers": [f"+1202555{index:04}" for index in range(1000)]}
    fill(redis)
    answer = await client.post("do-not-call", many)
    assert (answer.status, answer.body["code"]) == (503, "unavailable")
    assert redis.keys(keys.PREFIX + "optout*") == []
    answer = await client.ask("PUT", f"{BASE_PATH}/do-not-call/+12025550100")
    assert (answer.status, answer.body["added"]) == (200, 1)
    redis.config_set("maxmemory", 0)
    answer = await client.post("do-not-call", many)
    assert (answer.status, answer.body["added"]) == (200, 999)


def test_workers_keep_their_pulse_and_calls_their_way(store: Store, redis: "Redis") -> None:
    first, second, third = (store.call(f"+1202555010{index}") for index in range(3))
    fill(redis)
    store.ledger.pulse("worker")
    store.ledger.clock("beat")
    assert redis.zcard(keys.WORKERS) == redis.zcard(keys.BEATS) == 1
    assert set(store.ledger.admit(50)) == {first, second, third}
    assert isinstance(store.ledger.begin(first, "one"), Go)
    store.outcome(first, placed("CA1", "queued", 60))
    store.callback(first, "completed")
    assert store.state(first) == "ended"
    assert store.cancel(second).done
    assert store.state(second) == "cancelled"
    store.ledger.put_back(third)
    assert store.state(third) == "waiting"


def test_numbers_and_tasks_are_forgotten(store: Store, redis: "Redis") -> None:
    """Else each sweep ended there, before it looked at any call."""
    call, campaign = store.call(), store.campaign(*(f"+1202555{index:04}" for index in range(600)))
    store.cancel(campaign)
    while store.ledger.step():
        pass
    fill(redis)
    assert store.scripts.run(forget_number("job", "+12025550100", ALL, 30)).begun
    while store.ledger.forget_on():
        pass
    assert (store.state(call), store.task(call)["to"]) == ("cancelled", "")
    assert [store.scripts.run(forget(campaign, 120)) for _ in range(2)] == ["more", "forgotten"]


def test_the_operator_s_commands_work(
    store: Store,
    redis: "Redis",
    variables: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    call = store.call()
    monkeypatch.setenv("CELERY_BROKER_URL", variables["CELERY_BROKER_URL"])
    redis.script_flush()
    fill(redis)
    for words in (("queue",), ("explain", call), ("drain",), ("resume",), ("export",)):
        main(words)
    assert "No call goes any more" in capsys.readouterr().out
