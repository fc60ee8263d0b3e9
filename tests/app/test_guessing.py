"""How often a key may be guessed, and by whom a guess counts as made."""

import pytest

from app.http.access import GUESSES_A_MINUTE
from tests.app.conftest import Start
from tests.app.refusal import refused
from tests.app.test_keys import ALICE, API_KEYS, bearer
from tests.app.test_request_limit import STATUS, statuses
from tests.processes import BASE_PATH


async def test_who_guesses_is_stopped_but_never_who_has_a_key_at_the_same_address(start: Start) -> None:
    client = await start(API_KEYS=API_KEYS)
    tried = [bearer(f"guess-number-{number}") for number in range(GUESSES_A_MINUTE)]
    assert [(await client.ask("GET", STATUS, headers=headers)).status for headers in tried] == [401] * GUESSES_A_MINUTE
    for number in range(3):
        answer = await client.ask("GET", STATUS, headers=bearer(f"another-guess-{number}"))
        refused(answer, 429)
        assert 1 <= int(answer.headers["Retry-After"]) <= 3
        assert (await client.ask("GET", STATUS, headers=bearer(ALICE))).status == 404
    assert (await client.ask("GET", "/livez")).status == 200


async def test_an_address_that_needs_no_key_is_no_place_to_try_keys(start: Start) -> None:
    client = await start(API_KEYS=API_KEYS)
    health = f"{BASE_PATH}/health"
    for number in range(GUESSES_A_MINUTE):
        answer = await client.ask("GET", health, headers=bearer(f"guess-number-{number}"))
        assert (answer.status, "queue_depth" in answer.body) == (200, False)
    refused(await client.ask("GET", health, headers=bearer("another-guess")), 429)
    assert "queue_depth" in (await client.ask("GET", health, headers=bearer(ALICE))).body
    assert (await client.ask("GET", health)).status == 200
    assert (await client.ask("GET", "/livez", headers=bearer("another-guess"))).status == 200


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
    assert await ask("203.0.113.7", "wrong-secret") == 429
    assert await ask("203.0.113.8", "wrong-secret") == 401


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
    assert await ask("2001:db8:1:2:ffff::1", "wrong-secret") == 429
    assert await ask("2001:db8:1:3::1", "wrong-secret") == 401
    assert await ask("::ffff:203.0.113.9", "wrong-secret") == 401


@pytest.mark.parametrize(
    ("guesses", "same", "other"),
    [
        (["203.0.113.9"], ["::ffff:203.0.113.9"], ["::ffff:203.0.113.8"]),
        (["192.0.2.1", "203.0.113.7"], ["203.0.113.7"], ["192.0.2.1"]),
        (["203.0.113.1, unknown, 127.0.0.5"], ["someone"], ["203.0.113.1"]),
        (["203.0.113.9:4711"], ["203.0.113.9:4712"], ["203.0.113.8:4711"]),
        (["[2001:db8:1:2::1]:4711"], ["2001:db8:1:2::2"], ["[2001:db8:1:3::1]:4711"]),
    ],
    ids=["one address in both families", "several header lines", "no address", "with a port", "IPv6 with a port"],
)
async def test_a_guesser_behind_a_proxy_is_whom_the_nearest_trusted_proxy_names(
    start: Start, guesses: list[str], same: list[str], other: list[str]
) -> None:
    client = await start(API_KEYS=API_KEYS, TRUSTED_PROXIES="127.0.0.0/8")

    async def ask(forwarded: list[str], secret: str) -> int:
        headers = [("X-API-Key", secret), *(("X-Forwarded-For", line) for line in forwarded)]
        return (await client.ask("GET", STATUS, headers=headers)).status

    for _ in range(GUESSES_A_MINUTE):
        assert await ask(guesses, "wrong-secret") == 401
    assert await ask(same, "wrong-secret") == 429
    assert await ask(other, "wrong-secret") == 401
