"""Requests that no well-meaning client sends, as bytes, and which operation each is meant for."""

import gzip
import zlib
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from hypothesis import strategies as st

from app.security.signature import HEADER, sign
from schemas.webhook_urls import CALL_STATUS_PATH, INCOMING_CALL_PATH
from tests.fuzz.bodies import BODIES, EXAMPLES
from tests.fuzz.hooks import PUBLIC_BASE_URL
from tests.fuzz.server import SECRET
from tests.processes import AUTH_TOKEN, BASE_PATH

_JSON_PATHS: Final = [f"{BASE_PATH}/{endpoint}" for endpoint in EXAMPLES]
_POSTED: Final = [*_JSON_PATHS, INCOMING_CALL_PATH, CALL_STATUS_PATH]
_WITH_ID: Final = {"task-status": "GET", "cancel-task": "DELETE", "tasks": "DELETE"}


@dataclass(frozen=True, slots=True)
class Sent:
    """What goes over the wire, and the operation that it is for, if any."""

    data: bytes
    method: str = ""
    path: str = ""


def _head(method: bytes, target: bytes, *lines: bytes) -> bytes:
    key = b"X-API-Key: " + SECRET.encode()
    return b"\r\n".join(
        [method + b" " + target + b" HTTP/1.1", b"Host: localhost", b"Connection: close", key, *lines, b"", b""]
    )


_types = st.sampled_from(
    [
        *(b"application/json", b"application/json", b"application/json; charset=utf-16", b"application/x+json"),
        *(b"application/x-www-form-urlencoded", b"multipart/form-data; boundary=x", b"multipart/form-data"),
        *(b"text/plain", b"", b"/", b"\xff"),
    ]
)


def _chunked(body: bytes, size: int) -> bytes:
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


@st.composite
def _framed(draw: st.DrawFn, body: bytes) -> tuple[list[bytes], bytes]:
    """Headers and bytes that carry a body: as they should, with a wrong length, in chunks, or broken off."""
    end = draw(st.sampled_from([None, None, None, -1, len(body) // 2]))
    match draw(st.sampled_from(["right", "right", "length", "chunks", "both", "bad chunk"])):
        case "right":
            return [b"Content-Length: %d" % len(body)], body[:end]
        case "length":
            wrong = st.sampled_from([b"-1", b"+5", b"0x5", b"5, 5", b"", b"9" * 30, b" ", b"1e3", b"\xd9\xa1"])
            return [b"Content-Length: " + draw(wrong | st.integers(0, 10**7).map(lambda size: b"%d" % size))], body
        case "chunks":
            return [b"Transfer-Encoding: chunked"], _chunked(body, draw(st.integers(1, 70_000)))[:end]
        case "both":
            return [b"Content-Length: %d" % len(body), b"Transfer-Encoding: chunked"], _chunked(body, 5)[:end]
        case _:
            size = draw(st.sampled_from([b"-1", b"g", b"", b"f" * 20, b"5;x=y", b"5\n", b"0x5"]))
            return [
                b"Transfer-Encoding: " + draw(st.sampled_from([b"chunked", b"gzip, chunked", b"x"]))
            ], size + b"\r\n" + body


@st.composite
def _packed(draw: st.DrawFn, body: bytes) -> tuple[list[bytes], bytes]:
    """The body as it is, compressed as its header says, or not as it says."""
    match draw(st.sampled_from(["plain", "plain", "gzip", "deflate", "false", "cut", "bomb"])):
        case "plain":
            return [], body
        case "gzip":
            return [b"Content-Encoding: gzip"], gzip.compress(body, 1)
        case "deflate":
            return [b"Content-Encoding: deflate"], zlib.compress(body, 1)
        case "cut":
            return [b"Content-Encoding: gzip"], gzip.compress(body, 1)[: draw(st.integers(0, 30))]
        case "bomb":
            return [b"Content-Encoding: gzip"], gzip.compress(b" " * 3_000_000, 9)
        case _:
            names = st.sampled_from([b"gzip", b"deflate", b"br", b"zstd", b"gzip, gzip", b"x", b"identity"])
            return [b"Content-Encoding: " + draw(names)], body


@st.composite
def _posts(draw: st.DrawFn) -> Sent:
    """Most often only one thing is odd, so that the rest lets it through to where it matters."""
    path, body = draw(st.sampled_from(_POSTED)), draw(BODIES)
    odd = draw(st.sampled_from(["body", "body", "body", "type", "packing", "framing", "all"]))
    packing: list[bytes] = []
    if odd in {"packing", "all"}:
        packing, body = draw(_packed(body))
    framing, data = [b"Content-Length: %d" % len(body)], body
    if odd in {"framing", "all"}:
        framing, data = draw(_framed(body))
    media = draw(_types) if odd in {"type", "all"} else b"application/json"
    more = draw(
        st.lists(st.sampled_from([b"Expect: 100-continue", b"Expect: x", b"Idempotency-Key: ", b"X:"]), max_size=1)
    )
    if path not in _JSON_PATHS:  # as if Twilio had sent it
        fields = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
        more.append(f"{HEADER}: {sign(PUBLIC_BASE_URL + path, fields, AUTH_TOKEN)}".encode())
    lines = [b"Content-Type: " + media, *packing, *framing, *more]
    return Sent(_head(b"POST", path.encode(), *lines) + data, "post", path)


_pieces = st.sampled_from(
    b"%00 %2e%2e%2f .. / %ff %0d%0aX:1 %c0%af % %zz \xc3\xbc %F0%9F%98%80 ? # * { \\ %20 tw:task: \x7f \x80 %25".split()
)
_names = st.lists(_pieces, max_size=12).map(b"".join) | st.integers(1, 20_000).map(lambda size: b"a" * size)


@st.composite
def _paths(draw: st.DrawFn) -> Sent:
    """A method and an odd address: an id that is none, or what may lead to no route at all."""
    name = draw(_names)
    if draw(st.booleans()):
        endpoint = draw(st.sampled_from(list(_WITH_ID)))
        target = f"{BASE_PATH}/{endpoint}/".encode() + name
        return Sent(
            _head(_WITH_ID[endpoint].encode(), target),
            _WITH_ID[endpoint].lower(),
            f"{BASE_PATH}/{endpoint}/{{task_id}}",
        )
    before = draw(
        st.sampled_from([b"/", b"", b"//", b"/api/docs/static/", b"/livez", b"/metrics", b"http://", b"/api/"])
    )
    method = draw(st.sampled_from(b"GET HEAD POST PUT OPTIONS TRACE CONNECT BREW get".split()))
    return Sent(_head(method, before + name))


@st.composite
def _lines(draw: st.DrawFn) -> Sent:
    """A request line and headers that are not quite HTTP."""
    method = draw(st.sampled_from([b"GET", b"POST", b"PRI", b"", b"G\0T", b"GET " * 2]) | st.binary(max_size=8))
    target = draw(st.sampled_from([b"/livez", b"*", b"http://[/", b"/%"]) | st.binary(max_size=20))
    version = draw(st.sampled_from([b"HTTP/1.1", b"HTTP/1.0", b"HTTP/2.0", b"HTTP/9", b"", b"http/1.1", b"HTTP/1.1 x"]))
    odd = [
        b"Host: localhost",
        b"Host:",
        b"Host: localhost\r\nHost: b",
        b" folded",
        b"A" * 9000 + b": b",
        b"A: " + b"b" * 9000,
        b"A : b",
    ]
    odd += [
        b"Connection: Upgrade, HTTP2-Settings",
        b"Upgrade: h2c",
        b"Content-Length: 3",
        b": x",
        b"X: \0",
        b"X-API-Key: \xff",
    ]
    lines = draw(st.lists(st.sampled_from(odd) | st.binary(max_size=30), max_size=120 if draw(st.booleans()) else 4))
    end = draw(st.sampled_from([b"\r\n", b"\r\n", b"\n", b"\r"]))
    return Sent(end.join([b" ".join([method, target, version]), *lines, b"", b""]))


#: Of a whole batch; what is drawn most is what reaches furthest.
SENT: Final[st.SearchStrategy[Sent]] = st.one_of(
    _posts(), _posts(), _posts(), _paths(), _lines(), st.binary(min_size=1, max_size=300).map(Sent)
)
