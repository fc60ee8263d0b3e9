"""How often a key may be guessed, and by whom a guess counts as made."""

import pytest

from app.access import GUESSES_A_MINUTE
from tests.app.conftest import Start
from tests.app.refusal import refused
from tests.app.test_keys import ALICE, API_KEYS, bearer
from tests.app.test_request_limit import STATUS, statuses


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


@pytest.mark.parametrize(
    ("guesses", "same", "other"),
    [
        (["203.0.113.9"], ["::ffff:203.0.113.9"], ["::ffff:203.0.113.8"]),
        (["192.0.2.1", "203.0.113.7"], ["203.0.113.7"], ["192.0.2.1"]),
        (["203.0.113.1, unknown, 127.0.0.5"], ["someone"], ["203.0.113.1"]),
    ],
    ids=["one address in both families", "several header lines", "no address"],
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
    assert await ask(same, ALICE) == 429
    assert await ask(other, ALICE) == 404
