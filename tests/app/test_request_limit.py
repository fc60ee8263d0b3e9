"""How often a key may be used."""

import asyncio
import gzip

import pytest

from app.security.request_limit import RequestLimit
from tests.app.client import Client
from tests.app.conftest import Start
from tests.app.refusal import refused
from tests.app.test_keys import ALICE, API_KEYS, BOB, OLD, bearer

STATUS = "/api/v1/celery/twilio/task-status/x"


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def statuses(client: Client, headers: dict[str, str], times: int) -> list[int]:
    return [(await client.ask("GET", STATUS, headers=headers)).status for _ in range(times)]


@pytest.mark.parametrize(("per_second", "burst"), [(5.0, 10), (0.5, 1), (500.0, 1000), (0.01, 1)])
def test_a_burst_passes_and_then_the_rate(per_second: float, burst: int) -> None:
    clock = Clock()
    limit = RequestLimit(per_second, burst_seconds=2, most_names=10, clock=clock)
    assert [limit.take("a") for _ in range(burst)] == [0.0] * burst
    wait_seconds = limit.take("a")
    assert 0 < wait_seconds <= 1 / per_second
    clock.now += wait_seconds + 1e-6
    assert limit.take("a") == 0
    assert limit.take("a") > 0


def test_a_refused_request_costs_nothing() -> None:
    clock = Clock()
    limit = RequestLimit(1, burst_seconds=1, most_names=10, clock=clock)
    limit.take("a")
    for _ in range(100):
        limit.take("a")
    clock.now += 1.001
    assert limit.take("a") == 0


def test_it_is_untouched_before_the_first_request_and_once_every_bucket_is_full_again() -> None:
    clock = Clock()
    limit = RequestLimit(1, burst_seconds=2, most_names=10, clock=clock)
    assert limit.is_untouched()
    limit.take("a")
    limit.take("a")
    clock.now += 1.5
    limit.take("b")
    assert not limit.is_untouched()
    clock.now += 1.1
    assert limit.is_untouched()


def test_whoever_was_quiet_for_long_may_not_ask_more_at_once() -> None:
    clock = Clock()
    limit = RequestLimit(1, burst_seconds=3, most_names=10, clock=clock)
    limit.take("a")
    clock.now += 3600
    assert [limit.take("a") > 0 for _ in range(4)] == [False, False, False, True]


def test_it_is_untouched_only_when_the_last_bucket_is_full() -> None:
    clock = Clock()
    limit = RequestLimit(1, burst_seconds=2, most_names=10, clock=clock)
    limit.take("a")
    limit.take("a")
    limit.take("b")
    clock.now += 1.5
    assert not limit.is_untouched()


def test_whoever_guesses_on_is_not_forgotten_for_many_who_guessed_once() -> None:
    clock = Clock()
    limit = RequestLimit(1, burst_seconds=10, most_names=100, clock=clock)
    for _ in range(10):
        limit.take("guesses on")
    for number in range(99):
        limit.take(f"guessed once {number}")
    clock.now += 1.5
    limit.take("guesses on")
    assert limit.wait_seconds("guesses on") > 0
    limit.take("one more")
    assert limit.wait_seconds("guesses on") > 0


def test_names_do_not_disturb_each_other() -> None:
    limit = RequestLimit(1, burst_seconds=1, most_names=10, clock=Clock())
    assert [limit.take(name) for name in "abc"] == [0.0] * 3


def test_however_many_names_there_are_memory_is_bounded_and_the_newest_are_kept() -> None:
    clock = Clock()
    limit = RequestLimit(1 / 60, burst_seconds=60, most_names=100, clock=clock)
    for number in range(10_000):
        clock.now += 1e-4
        limit.take(str(number))
        assert len(limit) <= 100
    assert limit.wait_seconds("9999") > 0
    assert limit.wait_seconds("0") == 0


async def test_beyond_its_rate_a_key_gets_429_and_is_told_when_to_come_again(start: Start) -> None:
    client = await start(API_KEYS=API_KEYS, REQUESTS_PER_SECOND_PER_KEY="0.5")
    assert await statuses(client, bearer(ALICE), 1) == [404]
    answer = await client.ask("GET", STATUS, headers=bearer(ALICE))
    refused(answer, 429)
    assert answer.headers["Retry-After"] == "2"
    assert (await client.ask("GET", STATUS, headers=bearer(OLD))).status == 429  # the same client's other key
    assert await statuses(client, bearer(BOB), 1) == [404]
    await asyncio.sleep(2.01)
    assert (await client.ask("GET", STATUS, headers=bearer(ALICE))).status == 404


async def test_what_needs_no_key_is_not_limited(start: Start) -> None:
    client = await start(API_KEYS=API_KEYS, REQUESTS_PER_SECOND_PER_KEY="0.01")
    assert [(await client.ask("GET", "/livez")).status for _ in range(10)] == [200] * 10


async def test_without_keys_nobody_is_limited(start: Start) -> None:
    client = await start(REQUESTS_PER_SECOND_PER_KEY="0.01")
    assert set(await statuses(client, {}, 50)) == {404}


def test_one_large_request_passes_any_limit_and_the_next_wait_for_it() -> None:
    clock = Clock()
    limit = RequestLimit(0.5, burst_seconds=2, most_names=10, clock=clock)
    assert (limit.take("a"), limit.weigh("a", 64)) == (0, 0)
    assert limit.take("a") == pytest.approx(128, abs=2.1)
    assert limit.take("b") == 0
    clock.now += 131
    assert (limit.take("a"), limit.weigh("a", 1)) == (0, 0)


def test_of_many_at_once_those_that_come_after_a_debt_are_weighed_no_more() -> None:
    limit = RequestLimit(10, burst_seconds=2, most_names=10, clock=Clock())
    assert [limit.take("a") for _ in range(8)] == [0] * 8
    assert [limit.weigh("a", 64) > 0 for _ in range(8)] == [False] + [True] * 7


async def test_what_a_key_sends_is_weighed_by_bytes_also_where_it_was_packed(start: Start) -> None:
    client = await start(API_KEYS=API_KEYS, REQUESTS_PER_SECOND_PER_KEY="1")
    large = b'{"to_number": "' + b"9" * 900_000 + b'"}'
    packed = gzip.compress(large)
    headers = bearer(ALICE) | {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    path = "/api/v1/celery/twilio/queue-single-call"
    assert (await client.ask("POST", path, data=packed, headers=headers)).status == 400
    answer = await client.ask("GET", STATUS, headers=bearer(ALICE))
    refused(answer, 429)
    assert int(answer.headers["Retry-After"]) > 30
    assert (await client.ask("GET", STATUS, headers=bearer(BOB))).status == 404
