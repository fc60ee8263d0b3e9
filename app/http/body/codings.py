"""
Content codings of a request's body (RFC 9110, 8.4).

aiohttp would unfold what comes before anybody has looked at it, and is told not to (`auto_decompress`); here that
happens when it is known who sent it, and stops at a limit.
"""

import zlib
from typing import Final

from aiohttp import web

from app.errors import InvalidRequest, TooLarge, UnsupportedCoding

_GZIP_BITS: Final = 16 + zlib.MAX_WBITS
_DEFLATE: Final = "deflate"
#: By RFC 9110, 8.4.1.3, x-gzip is the same as gzip.
_CODINGS: Final = frozenset({"gzip", "x-gzip", _DEFLATE})
#: Nobody has a use for more, and each costs time.
_MOST_CODINGS: Final = 3
#: A gzip file may have several parts (RFC 1952, 2.2).
_MOST_PARTS: Final = 100
_BROKEN: Final = "The body breaks off, or is not encoded as its headers say."


def codings_of(request: web.Request) -> list[str]:
    """What the body is folded with, in the order in which that was done; identity is no coding."""
    if "Content-Encoding" not in request.headers:
        return []
    named = ",".join(request.headers.getall("Content-Encoding")).lower().split(",")
    return [name for coding in named if (name := coding.strip()) not in {"", "identity"}]


def unfold(body: bytes, codings: list[str], most_bytes: int) -> bytes:
    """The body without its codings; raises UnsupportedCoding, TooLarge, or InvalidRequest for one that is broken."""
    if len(codings) > _MOST_CODINGS or not _CODINGS.issuperset(codings):
        raise UnsupportedCoding
    for coding in reversed(codings):
        body = _without(coding, body, most_bytes)
    return body


def _without(coding: str, body: bytes, most_bytes: int) -> bytes:
    unfolded = b""
    for _ in range(_MOST_PARTS):
        part = zlib.decompressobj(_window_bits(coding, body))
        try:
            unfolded += part.decompress(body, most_bytes + 1 - len(unfolded))
        except zlib.error as error:
            raise broken() from error
        if len(unfolded) > most_bytes:
            raise TooLarge
        if not part.eof:
            raise broken()
        body = part.unused_data
        if not body:
            return unfolded
        if coding == _DEFLATE:
            break
    raise broken()


def _window_bits(coding: str, body: bytes) -> int:
    """Deflate comes with the header of RFC 1950, as it should, or without, as some clients send it."""
    if coding != _DEFLATE:
        return _GZIP_BITS
    has_header = body[:1] == b"\x78" and int.from_bytes(body[:2]) % 31 == 0
    return zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS


def broken() -> InvalidRequest:
    """The error for a body that is not what its headers promise."""
    return InvalidRequest(_BROKEN, {"body": [_BROKEN]})
