"""A request has one key: of several, something in front may have looked at another one."""

import pytest
from multidict import CIMultiDict
from redis import Redis

from app.http.access import GUESSES_A_MINUTE
from tests.app.client import Answer, Client
from tests.app.conftest import Start
from tests.app.refusal import invalid
from tests.app.test_keys import ALICE, API_KEYS, BOB, OLD
from tests.app.test_request_limit import STATUS
from tests.app.wire import Listen, is_refusal

BEARER_ALICE, BEARER_BOB = ("Authorization", f"Bearer {ALICE}"), ("Authorization", f"Bearer {BOB}")
BASIC = ("Authorization", "Basic cHJveHk6cHJveHk=")


async def ask(client: Client, *lines: tuple[str, str]) -> Answer:
    return await client.ask("GET", STATUS, headers=CIMultiDict(lines))


@pytest.fixture
async def guarded(start: Start) -> Client:
    return await start(API_KEYS=API_KEYS)


@pytest.mark.parametrize(
    "lines",
    [
        [BEARER_ALICE, BEARER_BOB],
        [BEARER_BOB, BEARER_ALICE],
        [BEARER_ALICE, BEARER_ALICE],
        [BEARER_ALICE, BASIC],
        [BASIC, BEARER_ALICE],
        [BEARER_ALICE, ("Authorization", "")],
        [("Authorization", ""), BEARER_ALICE],
        [BEARER_ALICE, ("X-API-Key", BOB)],
        [BEARER_ALICE, ("X-API-Key", OLD)],
        [BEARER_ALICE, ("X-API-Key", "wrong")],
        [BEARER_ALICE, ("X-API-Key", "")],
        [("Authorization", "Bearer wrong"), ("X-API-Key", ALICE)],
        [("X-API-Key", ALICE), ("X-API-Key", BOB)],
        [("X-API-Key", ALICE), ("X-API-Key", ALICE)],
        [("X-API-Key", ""), ("X-API-Key", ALICE)],
    ],
    ids=str,
)
async def test_several_keys_are_400_whichever_of_them_is_right(
    guarded: Client, redis: "Redis", lines: list[tuple[str, str]]
) -> None:
    answer = await ask(guarded, *lines)
    assert list(invalid(answer, redis)) == ["Authorization"]
    for secret in (ALICE, BOB, OLD):
        assert secret not in answer.text


async def test_several_keys_are_seen_however_their_headers_are_spelt(listen: Listen) -> None:
    link = await (await listen(API_KEYS=API_KEYS))()
    lines = f"X-API-Key: {ALICE}\r\nx-api-KEY: {BOB}\r\n\r\n".encode()
    await link.send(f"GET {STATUS} HTTP/1.1\r\nHost: a\r\n".encode() + lines)
    assert is_refusal(await link.reply(), 400)


@pytest.mark.parametrize(
    "lines",
    [
        [BEARER_ALICE, ("X-API-Key", ALICE)],
        [BASIC, ("X-API-Key", ALICE)],
        [("Authorization", "Token x"), ("X-API-Key", ALICE)],
        [("Authorization", f"bearer   {ALICE} ")],
    ],
    ids=str,
)
async def test_the_same_key_in_both_headers_or_another_scheme_is_fine(
    guarded: Client, lines: list[tuple[str, str]]
) -> None:
    assert (await ask(guarded, *lines)).status == 404


async def test_several_keys_tell_nothing_and_are_no_guess(guarded: Client) -> None:
    for number in range(2 * GUESSES_A_MINUTE):
        assert (await ask(guarded, BEARER_ALICE, ("X-API-Key", f"guess-{number}"))).status == 400
    assert (await ask(guarded, BEARER_ALICE)).status == 404


async def test_where_no_key_is_asked_for_none_is_looked_at(client: Client) -> None:
    assert (await ask(client, BEARER_ALICE, BEARER_BOB)).status == 404
