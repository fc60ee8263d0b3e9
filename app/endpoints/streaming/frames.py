"""What is sent to those who listen, and what of it is new."""

import json
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

import orjson

#: Name -> what it tells now: an object, which is told whole when it differs, or rows, of which those that do are told.
Parts: TypeAlias = Mapping[str, Any]

#: Shows that the connection lives; no event (https://html.spec.whatwg.org/multipage/server-sent-events.html).
HEARTBEAT: Final = b": all is as it was\n\n"


def frame(event: str, parts: Parts) -> bytes:
    """One event with its parts as JSON."""
    try:
        data = orjson.dumps(parts)
    except TypeError:  # as app.http.answers has it
        data = json.dumps(parts).encode()
    return b"event: " + event.encode() + b"\ndata: " + data + b"\n\n"


def changes(before: Parts, now: Parts) -> dict[str, Any]:
    """The parts that differ from what was told; of rows only those."""
    return {
        name: [row for row in value if row not in before[name]]
        if isinstance(value, list) and isinstance(before.get(name), list)
        else value
        for name, value in now.items()
        if value != before.get(name)
    }
