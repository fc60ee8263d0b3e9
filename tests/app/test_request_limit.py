"""How often a key may be used, and how often one may be guessed."""

import asyncio

import pytest

from app.access import GUESSES_A_MINUTE
from app.request_limit import RequestLimit
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
    client = await start(API_KEYS=API_KEYS, REQUESTS_PER_SECOND_PER_KEY="2")
    assert await statuses(client, bearer(ALICE), 4) == [404] * 4
    answer = await client.ask("GET", STATUS, headers=bearer(ALICE))
    refused(answer, 429)
    assert answer.headers["Retry-After"] == "1"
    assert (await client.ask("GET", STATUS, headers=bearer(OLD))).status == 429  # the same client's other key
    assert await statuses(client, bearer(BOB), 4) == [404] * 4
    await asyncio.sleep(0.51)
    assert (await client.ask("GET", STATUS, headers=bearer(ALICE))).status == 404


async def test_what_needs_no_key_is_not_limited(start: Start) -> None:
    client = await start(API_KEYS=API_KEYS, REQUESTS_PER_SECOND_PER_KEY="0.01")
    assert [(await client.ask("GET", "/livez")).status for _ in range(10)] == [200] * 10


async def test_without_keys_nobody_is_limited(start: Start) -> None:
    client = await start(REQUESTS_PER_SECOND_PER_KEY="0.01")
    assert set(await statuses(client, {}, 50)) == {404}


async def test_who_guesses_is_stopped_even_with_the_right_key(start: Start) -> None:
    client = await start(API_KEYS=API_KEYS)
    tried = [bearer(f"guess-number-{number}") for number in range(GUESSES_A_MINUTE)]
    assert [(await client.ask("GET", STATUS, headers=headers)).status for headers in tried] == [401] * GUESSES_A_MINUTE
    for secret in ("another-guess", ALICE):
        answer = await client.ask("GET", STATUS, headers=bearer(secret))
        refused(answer, 429)
        assert 1 <= int(answer.headers["Retry-After"]) <= 3
    assert (await client.ask("GET", "/livez")).status == 200


async def test_a_request_without_any_key_is_no_guess(start: Start) -> None:
    client = await start(API_KEYS=API_KEYS)
    assert set(await statuses(client, {}, 3 * GUESSES_A_MINUTE)) == {401}
    assert (await client.ask("GET", STATUS, headers=bearer(ALICE))).status == 404


async def test_behind_a_trusted_proxy_only_the_guesser_is_stopped(start: Start) -> None:
    client = await start(API_KEYS=API_KEYS, TRUSTED_PROXIES="127.0.0.0/8,::1, 10.0.0.5")

    async def ask(forwarded: str, secret: str) -> int:
        headers = bearer(secret) | {"X-Forwarded-For": forwarded}
        return (await client.ask("GET", STATUS, headers=headers)).status

    for forged in range(GUESSES_A_MINUTE + 1):
        last = await ask(f"192.0.2.{forged}, 203.0.113.7, 10.0.0.5", "wrong-secret")
    assert last == 429
    assert await ask("203.0.113.7", ALICE) == 429
    assert await ask("203.0.113.8", ALICE) == 404


async def test_an_untrusted_header_does_not_hide_a_guesser(start: Start) -> None:
    client = await start(API_KEYS=API_KEYS)
    for number in range(GUESSES_A_MINUTE + 1):
        headers = bearer("wrong-secret") | {"X-Forwarded-For": f"203.0.113.{number}"}
        last = await client.ask("GET", STATUS, headers=headers)
    refused(last, 429)


async def test_ipv6_guessers_are_told_apart_by_their_network_only(start: Start) -> None:
    client = await start(API_KEYS=API_KEYS, TRUSTED_PROXIES="127.0.0.1")

    async def ask(forwarded: str, secret: str) -> int:
        headers = bearer(secret) | {"X-Forwarded-For": forwarded}
        return (await client.ask("GET", STATUS, headers=headers)).status

    for number in range(GUESSES_A_MINUTE):
        assert await ask(f"2001:db8:1:2::{number:x}", "wrong-secret") == 401
    assert await ask("2001:db8:1:2:ffff::1", ALICE) == 429
    assert await ask("2001:db8:1:3::1", ALICE) == 404
    assert await ask("::ffff:203.0.113.9", ALICE) == 404
