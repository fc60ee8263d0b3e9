"""
Idempotency-Key: the same key and request give the first answer again.

Source: IETF draft-ietf-httpapi-idempotency-key-header.
"""

import hashlib
import json
from typing import Final

from aiohttp import web

from app.body import parse_json
from app.context import CLIENT
from app.errors import InvalidRequest

HEADER: Final = "Idempotency-Key"
LIMIT_CHARACTERS: Final = 255


def key_digest(request: web.Request) -> str:
    """
    Digest of the client's key, '' without one. Each client, by the name of its API key, has keys of its own.

    Quotes, which the draft asks for, make no difference.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return ""
    key = key.strip()
    if key.startswith('"') and key.endswith('"'):
        key = key[1:-1]
    if not key or len(key) > LIMIT_CHARACTERS:
        detail = f"{HEADER} must be 1 to {LIMIT_CHARACTERS} characters long."
        raise InvalidRequest(detail, {HEADER: [detail]})
    # The name of a client holds no line break, so no two pairs of name and key are the same text.
    return hashlib.sha256(f"{request.get(CLIENT, '')}\n{key}".encode("utf-8", "surrogateescape")).hexdigest()


def fingerprint(path: str, body: bytes) -> str:
    """Digest of a request by its meaning: order of keys and white space make no difference."""
    canonical = json.dumps(parse_json(body), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{path}\n{canonical}".encode()).hexdigest()
