"""JSON shapes x sizes x codings: what takes long to read, to refuse or to keep."""

import gzip
import json
import random
import zlib
from collections.abc import Callable
from functools import cache
from typing import Final

from tests.attack.doors import key_lines
from tests.attack.loot import Loot
from tests.attack.shot import Shot, key, with_body
from tests.processes import BASE_PATH

_ENDPOINTS: Final = ("queue-single-call", "queue-bulk-calls", "schedule-call")
_SIZES: Final = (10, 1000, 20_000, 200_000, 1024 * 1024 - 200, 1024 * 1024 + 5, 3_000_000)
_ITEMS: Final[dict[str, Callable[[int], bytes]]] = {
    "lists": lambda _: b"[]",
    "objects": lambda _: b'{"a":0}',
    "numbers": lambda place: b"1.2345678" if place else b"12345678901234567890",
    "strings": lambda _: b'"\\ud800\\u0000"',
    "phone numbers": lambda place: b'"+1202555%04d"' % (place % 10_000),
    "nulls": lambda _: b"null",
}
_BOMB_BYTES: Final = 200_000_000


@cache
def _items(shape: str, size: int) -> bytes:
    item, parts, room = _ITEMS[shape], list[bytes](), size
    while room > 0:
        parts.append(item(len(parts)))
        room -= len(parts[-1]) + 1
    return b"[" + b",".join(parts) + b"]"


@cache
def _fields(size: int) -> bytes:
    return b",".join(b'"k%x":0' % place for place in range(size // 9 + 1))


@cache
def bomb() -> bytes:
    """A quarter of a megabyte that unfolds to a thousand times as much."""
    return gzip.compress(b" " * _BOMB_BYTES, 9)


def _json(drawn: random.Random) -> bytes:
    size = drawn.choice(_SIZES)
    shape = drawn.choice([*_ITEMS, "fields", "deep", "text", "broken", "blanks"])
    if shape in _ITEMS:
        place = drawn.choice([b'{"phone_numbers":%b}', b'{"to_number":"+12025550199","call_metadata":{"a":%b}}', b"%b"])
        return place % _items(shape, size)
    if shape == "fields":
        return b'{"to_number":"+12025550199",' + _fields(size) + b"}"
    if shape == "deep":
        return drawn.choice([b"[", b'{"a":']) * (size // 5)
    if shape == "broken":
        return b'{"to_number":"' + drawn.randbytes(min(size, 5000))
    if shape == "blanks":
        return b'{"to_number":"+12025550199"' + b" " * size + b"}"
    text = drawn.choice("aж字\U0001f600[,:") * (size // 4)
    return json.dumps({"to_number": "+12025550199", "call_metadata": {"message": text}}, ensure_ascii=False).encode()


def _folded(drawn: random.Random, body: bytes) -> tuple[list[str], bytes]:
    coding = drawn.choice(["", "", "", "gzip", "deflate", "gzip, gzip", "br", "false", "bomb", "identity"])
    match coding:
        case "":
            return [], body
        case "bomb":
            return ["Content-Encoding: gzip"], bomb()
        case "gzip":
            return ["Content-Encoding: x-gzip"], gzip.compress(body, 1)
        case "deflate":
            return ["Content-Encoding: deflate"], zlib.compress(body, 1)
        case "false":
            return ["Content-Encoding: gzip"], body
        case _:
            return [f"Content-Encoding: {coding}"], body


def draw(drawn: random.Random, _loot: Loot) -> Shot:
    """A body for an endpoint, or for an address where there is none, with a key or without."""
    codings, body = _folded(drawn, _json(drawn))
    owner = drawn.random() < 0.6
    lines = ["Host: localhost", "Content-Type: application/json", *codings]
    lines += [key("mallory")] if owner else key_lines(drawn)
    path = drawn.choice([f"{BASE_PATH}/{endpoint}" for endpoint in _ENDPOINTS])
    if drawn.random() < 0.2:
        target = drawn.choice(["/livez", "/nothing", f"{BASE_PATH}/health", "/api/docs", "/api/v1/twilio/call-status"])
        method = drawn.choice(["GET", "POST"])
        return Shot("body, elsewhere", with_body(method, target, body, *lines), method.lower(), target)
    return Shot("body", with_body("POST", path, body, *lines), "post", path, harmless=owner)
