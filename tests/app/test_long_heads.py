"""No head holds the event loop: a list in a header may be as long as its lines, of which there may be a hundred."""

import time

import pytest

from app.http.connections import LINE_LIMIT_BYTES, MOST_HEADERS
from app.http.middleware import HEAD_LIMIT_BYTES
from tests.app.test_keys import ALICE, API_KEYS
from tests.app.wire import Listen, is_refusal
from tests.processes import BASE_PATH

KEY = f"X-API-Key: {ALICE}\r\n"
#: What is read as a list, and where; the first two before it is known who asks.
LISTS = {
    "proxies of who guesses keys": ("GET", f"{BASE_PATH}/tasks", "X-API-Key: wrong\r\n", "X-Forwarded-For"),
    "codings of a webhook": ("POST", "/api/v1/twilio/call-status", "", "Content-Encoding"),
    "codings of a body": ("POST", f"{BASE_PATH}/queue-single-call", KEY, "Content-Encoding"),
    "types that are accepted": ("GET", f"{BASE_PATH}/do-not-call", KEY, "Accept"),
    "edits that are expected": ("PATCH", f"{BASE_PATH}/tasks/none", KEY, "If-Match"),
    "keys of idempotency": ("POST", f"{BASE_PATH}/do-not-call", KEY, "Idempotency-Key"),
    "what nobody reads": ("GET", "/livez", "", "X-Padding"),
}


def head(method: str, path: str, more: str, name: str, lines: int, text: str) -> bytes:
    listed = f"{name}: {text}\r\n" * lines
    return f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{more}{listed}\r\n".encode()


@pytest.mark.parametrize(("method", "path", "more", "name"), LISTS.values(), ids=LISTS)
async def test_a_head_larger_than_proxies_pass_on_is_refused_before_a_list_in_it_is_read(
    listen: Listen, method: str, path: str, more: str, name: str
) -> None:
    commas = "," * (LINE_LIMIT_BYTES - len(name))
    link = await (await listen(API_KEYS=API_KEYS, TRUSTED_PROXIES="127.0.0.0/8"))()
    await link.send(head(method, path, more, name, MOST_HEADERS - 5, commas))
    assert is_refusal(await link.reply(), 431)


async def test_a_head_as_large_as_proxies_pass_on_is_read(listen: Listen) -> None:
    link = await (await listen())()
    await link.send(head("GET", "/livez", "", "Cookie", 1, "a" * 4000) * 2)
    for _ in range(2):
        assert (await link.reply()).status == 200
    lines = HEAD_LIMIT_BYTES // LINE_LIMIT_BYTES
    await link.send(head("GET", "/livez", "", "X-Padding", lines, "a" * (LINE_LIMIT_BYTES - 100)))
    assert (await link.reply()).status == 200


@pytest.mark.parametrize("parameter", ["a=b;", '"; '])
async def test_what_stands_behind_the_type_of_a_body_is_not_read(listen: Listen, parameter: str) -> None:
    connect = await listen()
    took = []
    for more in range(3):  # each of them another: what was read once may be known
        media = "application/json;" + parameter * (LINE_LIMIT_BYTES // len(parameter) - 20 - more)
        request = head("POST", f"{BASE_PATH}/queue-single-call", "Content-Length: 2\r\n", "Content-Type", 1, media)
        link = await connect()
        began = time.process_time()
        await link.send(request + b"{}")
        assert is_refusal(await link.reply(), 400)
        took.append(time.process_time() - began)
    assert min(took) < 0.05
