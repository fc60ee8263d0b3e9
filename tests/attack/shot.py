"""One request of an attacker, as bytes, and what may come of it."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tests.attack.loot import Loot

#: Whose key opens nothing here, and those of the attacker, who has one, and of whom he is after.
SECRETS: Final = {name: f"secret-of-{name}-in-the-attack" for name in ("alice", "mallory", "root", "auditor")}


@dataclass(frozen=True, slots=True)
class Shot:
    """What goes over the wire; `kind` is for the table of what was shot."""

    kind: str
    data: bytes
    method: str = ""  #: of the operation that it is for, if any, with its path as the document writes it
    path: str = ""
    harmless: bool = True  #: a success would be no harm


#: Draws a shot. What was found out on the way may be used in it.
Draw = Callable[[random.Random, Loot], Shot]


def head(method: str, target: str, *lines: str) -> bytes:
    """The head of a request, with these lines and no key."""
    return "\r\n".join([f"{method} {target} HTTP/1.1", "Connection: close", *lines, "", ""]).encode(
        "latin-1", "replace"
    )


def with_body(method: str, target: str, body: bytes, *lines: str) -> bytes:
    """A request with a body of known length."""
    return head(method, target, *lines, f"Content-Length: {len(body)}") + body


def key(name: str) -> str:
    """The header that carries a name's key."""
    return f"X-API-Key: {SECRETS[name]}"
