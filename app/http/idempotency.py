"""
Idempotency-Key: the same key and request give the first answer again.

Source: IETF draft-ietf-httpapi-idempotency-key-header.
"""

import hashlib
import json
import re
from typing import Final

from aiohttp import web

from app.context import CLIENT
from app.errors import InvalidRequest
from app.http.body.strict_json import parse_json

HEADER: Final = "Idempotency-Key"
LIMIT_CHARACTERS: Final = 255

#: How a key begins: something must be left of it without quotes around it.
BEGINS: Final = r'^(?:[^\s"]|"[^\s"])'

#: A quoted string and what follows it (RFC 8941, 3.3 and 3.1.2).
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\["\\])*)"[ \t]*(?:;.*)?')
#: Without quotes, only what looks like parameters with values: the key itself may hold a semicolon.
_PLAIN: Final = re.compile(r'([^\s;"=]+)(?:[ \t]*;[ \t]*[A-Za-z*][\w.*-]*=(?:"(?:[^"\\]|\\.)*"|[^\s;"]+))+', re.ASCII)
_ESCAPED: Final = re.compile(r"\\(.)")


def key_digest(request: web.Request) -> str:
    """Digest of the client's key, '' without one. Each client, by the name of its API key, has keys of its own."""
    if HEADER not in request.headers:
        return ""
    texts = [text.strip() for text in request.headers.getall(HEADER)]
    key, *others = {_bare(text) for text in texts}
    if others or len(key) > LIMIT_CHARACTERS or not all(re.match(BEGINS, text) for text in texts):
        detail = f"{HEADER} must be one key of 1 to {LIMIT_CHARACTERS} characters."
        raise InvalidRequest(detail, {HEADER: [detail]})
    # The name of a client holds no line break, so no two pairs of name and key are the same text.
    return hashlib.sha256(f"{request.get(CLIENT, '')}\n{key}".encode("utf-8", "surrogateescape")).hexdigest()


def _bare(text: str) -> str:
    """The key without quotes around it, which the draft asks for, and parameters after it, which RFC 8941 allows."""
    if quoted := _QUOTED.fullmatch(text):
        return _ESCAPED.sub(r"\1", quoted[1])
    plain = _PLAIN.fullmatch(text)
    return plain[1] if plain else text.strip('"')


def fingerprint(path: str, body: bytes) -> str:
    """Digest of a request by its meaning: order of keys, white space and fields that are null make no difference."""
    given = {name: value for name, value in parse_json(body).items() if value is not None}
    canonical = json.dumps(given, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{path}\n{canonical}".encode()).hexdigest()
