"""Bodies that come folded: by codings that are known, once it is known whose they are, and never without bound."""

import gzip
import os
import zlib
from collections.abc import Callable
from functools import partial

import pytest
from redis import Redis

from tests.app.client import ANSWER, PUBLIC, QUEUE_ENDPOINTS, STATUS, Client
from tests.app.conftest import Start
from tests.app.refusal import invalid, refused
from tests.app.test_keys import ALICE, API_KEYS
from tests.app.test_refusing import GOOD
from tests.app.wire import BODY, HEAD, URL, Listen, Reply, is_refusal
from tests.machine import least_cpu_seconds
from tests.processes import BASE_PATH

SINGLE = f"{BASE_PATH}/queue-single-call"
#: Unfolds to a gigabyte.
BOMB_BYTES = 1_000_000_000
#: What one of them took, to unfold which is as good as half a second of everybody's time.
FOLDED_CPU_SECONDS = 0.25


def raw_deflate(data: bytes) -> bytes:
    folder = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return folder.compress(data) + folder.flush()


async def post(client: Client, coding: str, data: bytes, url: str = SINGLE, **headers: str) -> tuple[int, str]:
    every = {"Content-Type": "application/json", "Content-Encoding": coding, **headers}
    answer = await client.ask("POST", url, data=data, headers=every, skip_auto_headers=["Content-Encoding"])
    return answer.status, answer.text


@pytest.mark.parametrize(
    ("coding", "fold"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", gzip.compress),
        ("X-GZip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", raw_deflate),
        ("identity", bytes),
        ("identity, gzip", gzip.compress),
        ("deflate, gzip", lambda data: gzip.compress(zlib.compress(data))),
        ("gzip , x-gzip,deflate", lambda data: zlib.compress(gzip.compress(gzip.compress(data)))),
        ("gzip", lambda data: gzip.compress(data[:9]) + gzip.compress(data[9:])),
        ("gzip", lambda data: gzip.compress(data + b" " * (1024 * 1024 - len(data)))),
        ("", bytes),
    ],
)
@pytest.mark.parametrize("key", ["", "a-key"])
async def test_a_body_is_read_by_its_codings(
    client: Client, coding: str, fold: Callable[[bytes], bytes], key: str
) -> None:
    status, text = await post(client, coding, fold(BODY), **({"Idempotency-Key": key} if key else {}))
    assert status == 200, text


@pytest.mark.parametrize("coding", ["br", "zstd", "compress", "x", "gzip, br", "br, gzip", "gzip;q=1", "gzip, " * 4])
@pytest.mark.parametrize("endpoint", QUEUE_ENDPOINTS)
async def test_an_unknown_coding_is_415_and_the_known_ones_are_named(
    client: Client, redis: "Redis", endpoint: str, coding: str
) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": coding}
    answer = await client.ask("POST", f"{BASE_PATH}/{endpoint}", data=gzip.compress(BODY), headers=headers)
    assert "Content-Encoding" in refused(answer, 415, redis)["detail"]
    assert answer.headers["Accept-Encoding"] == "gzip, deflate"


async def ask(listen: Listen, coding: bytes, body: bytes, head: bytes = HEAD, **settings: str) -> Reply:
    link = await (await listen(**settings))()
    head = head.replace(b"\r\n\r\n", b"\r\nContent-Encoding: " + coding + b"\r\n\r\n")
    await link.send(head.replace(f"Content-Length: {len(BODY)}".encode(), f"Content-Length: {len(body)}".encode()))
    await link.send(body)
    return await link.reply()


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        (b"gzip", BODY),
        (b"gzip", b""),
        (b"gzip", gzip.compress(BODY)[:-4]),
        (b"gzip", gzip.compress(BODY)[:12]),
        (b"gzip", gzip.compress(BODY) + b"rest"),
        (b"gzip", gzip.compress(b"") * 101 + gzip.compress(BODY)),
        (b"gzip", zlib.compress(BODY)),
        (b"deflate", gzip.compress(BODY)),
        (b"deflate", zlib.compress(BODY) * 2),
        (b"deflate", zlib.compress(BODY)[:-1]),
        (b"deflate, gzip", gzip.compress(BODY)),
    ],
    ids=[
        "none",
        "nothing",
        "no end",
        "hardly begun",
        "rest",
        "parts",
        "other",
        "other",
        "twice",
        "cut",
        "once of twice",
    ],
)
async def test_a_body_that_is_not_folded_as_it_says_is_400(
    listen: Listen, redis: "Redis", coding: bytes, body: bytes
) -> None:
    reply = await ask(listen, coding, body)
    assert is_refusal(reply, 400)
    assert reply.body["errors"] == {"body": ["The body breaks off, or is not encoded as its headers say."]}
    assert redis.dbsize() == 0


@pytest.fixture(scope="module")
def bomb() -> bytes:
    folder = zlib.compressobj(9, wbits=31)
    part = bytes(BOMB_BYTES // 100)
    return b"".join(folder.compress(part) for _ in range(100)) + folder.flush()


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        (b"gzip", gzip.compress(b" " * (1024 * 1024 + 1))),
        (b"gzip", gzip.compress(b" " * 600_000) * 2),
        (b"deflate", zlib.compress(b" " * 50_000_000)),
        (b"deflate", raw_deflate(b" " * 50_000_000)),
        (b"gzip, gzip", gzip.compress(gzip.compress(b" " * 50_000_000))),
    ],
    ids=["one byte", "parts", "deflate", "raw deflate", "twice"],
)
async def test_a_body_counts_by_what_it_unfolds_to(listen: Listen, redis: "Redis", coding: bytes, body: bytes) -> None:
    assert is_refusal(await ask(listen, coding, body), 413)
    assert redis.dbsize() == 0


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (HEAD, 401),
        (HEAD.replace(b"\r\nContent-Type", b"\r\nX-API-Key: " + ALICE.encode() + b"\r\nContent-Type"), 413),
        (HEAD.replace(URL.encode(), b"/nothing"), 401),
        (
            HEAD.replace(URL.encode(), b"/nothing").replace(
                b"\r\nContent-Type", b"\r\nX-API-Key: " + ALICE.encode() + b"\r\nContent-Type"
            ),
            404,
        ),
        (HEAD.replace(b"POST " + URL.encode(), b"GET /livez"), 200),
        (HEAD.replace(URL.encode(), b"/livez"), 401),
        (HEAD.replace(URL.encode(), STATUS.encode()), 415),
        (HEAD.replace(URL.encode(), ANSWER.encode()), 415),
    ],
    ids=lambda value: str(value)[:50],
)
async def test_nothing_is_unfolded_before_the_key_is_known_nor_beyond_the_limit(
    listen: Listen, bomb: bytes, head: bytes, status: int
) -> None:
    async def send(body: bytes) -> Reply:
        return await ask(listen, b"gzip", body, head, API_KEYS=API_KEYS, PUBLIC_BASE_URL=PUBLIC)

    assert (await send(bomb)).status == status
    to_start_and_answer_seconds = await least_cpu_seconds(partial(send, gzip.compress(b"{}")))
    assert await least_cpu_seconds(partial(send, bomb)) - to_start_and_answer_seconds < FOLDED_CPU_SECONDS


async def test_what_twilio_posts_has_no_coding(start: Start, redis: "Redis") -> None:
    client = await start(PUBLIC_BASE_URL=PUBLIC)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Content-Encoding": "gzip"}
    for path in (STATUS, ANSWER):
        answer = await client.ask("POST", path, data=gzip.compress(b"CallSid=CA1"), headers=headers)
        refused(answer, 415, redis)
        assert answer.headers["Accept-Encoding"] == "identity"


async def test_parts_that_hold_nothing_cost_next_to_nothing(client: Client, redis: "Redis") -> None:
    body = gzip.compress(b"") * 50_000
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}

    async def send() -> None:
        invalid(await client.ask("POST", SINGLE, data=body, headers=headers), redis)

    assert await least_cpu_seconds(send) < FOLDED_CPU_SECONDS


async def test_what_cannot_be_folded_is_read_too(client: Client) -> None:
    body = BODY.replace(b"}", b', "call_metadata": {"noise": "' + os.urandom(4000).hex().encode() + b'"}}')
    assert (await post(client, "gzip", gzip.compress(body)))[0] == 200
    for endpoint in QUEUE_ENDPOINTS:
        assert (await client.post(endpoint, GOOD[endpoint])).status == 200
