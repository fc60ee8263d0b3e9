"""`call_metadata`: any JSON object, of which the program itself reads a few keys."""

import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import orjson
from marshmallow import ValidationError, fields

from schemas.bodies.telling import told
from schemas.records import DEFAULT_PRIORITY, PRIORITIES
from schemas.webhook_urls import MACHINE_DETECTION

#: Of JSON without white space, in UTF-8.
METADATA_LIMIT_BYTES: Final = 16 * 1024

#: What the program itself reads, in words of JSON Schema; null means that it is not there.
_KNOWN_KEYS: Final[Mapping[str, Mapping[str, Any]]] = {
    "message": {
        "type": ["string", "null"],
        **told(
            "What the call says: all of it, in any script. As long as Twilio speaks it: some 3,900 characters without"
            " PUBLIC_BASE_URL, some 59,000 with it. Default: a built-in sentence",
            "Hello. This is a reminder of your appointment tomorrow at ten.",
        ),
    },
    "voice": {
        "type": ["string", "null"],
        **told("Voice of Twilio's `<Say>`, such as `alice` or `Polly.Joanna`. Default: Twilio's", "Polly.Joanna"),
    },
    "language": {
        "type": ["string", "null"],
        **told("Language of Twilio's `<Say>`, such as `en-US` or `es-MX`. Default: Twilio's, `en-US`", "en-US"),
    },
    "gather_input": {
        "type": ["boolean", "null"],
        **told("Whether one pressed key is awaited and told as `result.digits`. Default: false", True),
    },
    "priority": {
        "type": ["string", "null"],
        "enum": [*PRIORITIES, None],
        **told("Which of your calls goes first when several are due. Default: `normal`", "high"),
    },
    "machine_detection": {
        "type": ["string", "null"],
        "enum": [*MACHINE_DETECTION, None],
        **told(
            "Whether Twilio finds out who answers: `enable` speaks at once, `detect_message_end` after a machine's"
            " beep; `result.answered_by` tells. Default: it does not",
            "detect_message_end",
        ),
    },
}

#: Names of all keys that mean something, `gather_input` of any type among them.
MEANT_KEYS: Final = (*_KNOWN_KEYS, "gather_input")

_COMPACT: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class PackedMetadata(NamedTuple):
    """Metadata as they are kept."""

    text: str  #: compact JSON; '' for an empty object
    priority: str
    values: Mapping[str, Any] = MappingProxyType({})  #: as the client gave them


class Metadata(fields.Field[PackedMetadata]):
    """Free-form JSON object; the keys that the program itself reads must have their types."""

    default_error_messages = {
        "invalid": "Must be a JSON object.",
        "endless": "Must hold no number that is larger than numbers can be.",
        "large": f"Must be at most {METADATA_LIMIT_BYTES} bytes of JSON.",
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.metadata = {
            "type": "object",
            "properties": _KNOWN_KEYS,
            "additionalProperties": True,
            **self.metadata,
        }

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> PackedMetadata:
        if not isinstance(value, dict):
            raise self.make_error("invalid")
        if not (text := _packed_by_orjson(value)):
            if _is_surely_larger(value, METADATA_LIMIT_BYTES):
                raise self.make_error("large")
            try:
                text = _packed(value)
            except ValueError as error:
                raise self.make_error("endless") from error
        if (len(text) if text.isascii() else len(text.encode())) > METADATA_LIMIT_BYTES:
            raise self.make_error("large")
        faults = {
            key: [fault]
            for key, given in value.items()
            if key in _KNOWN_KEYS and given is not None and (fault := _fault(key, given))
        }
        if faults:
            raise ValidationError(faults)
        return PackedMetadata(text if value else "", value.get("priority") or DEFAULT_PRIORITY, value)


def _fault(key: str, value: Any) -> str | None:
    words = _KNOWN_KEYS[key].get("enum")
    if "boolean" in _KNOWN_KEYS[key]["type"]:
        return None if isinstance(value, bool) else "Must be true or false."
    if words is None:
        return None if isinstance(value, str) else "Must be a string."
    return None if value in words else f"Must be one of: {', '.join(words[:-1])}."


def _is_surely_larger(metadata: Mapping[str, Any], most_bytes: int) -> bool:
    """Whether JSON would be larger even if each value took the least it can: cheaper than to write far too much."""
    size, left = 0, [metadata]
    while left and size <= most_bytes:
        value: Any = left.pop()
        if isinstance(value, str):
            size += len(value) + 2
        elif isinstance(value, dict):
            size += 1 + sum(map(len, value)) + 4 * len(value)
            left += value.values()
        elif isinstance(value, list):
            size += 1 + len(value)
            left += value
        else:
            size += 1
    return size > most_bytes


def pack_metadata(metadata: Mapping[str, Any]) -> str:
    """
    Compact JSON that UTF-8 can hold, half a surrogate pair escaped: other escapes would treble what Redis keeps.

    Raises ValueError for a number like 1e999, which reading makes infinite.
    """
    return _packed_by_orjson(metadata) or _packed(metadata)


def _packed_by_orjson(metadata: Mapping[str, Any]) -> str:
    """In a quarter of the time; '' if it cannot tell, as it writes null for a number that is infinite."""
    try:
        packed = orjson.dumps(metadata)
    except TypeError:  # half of a surrogate pair, or a whole number of more than 64 bits
        return ""
    return "" if b"null" in packed else packed.decode()


def _packed(metadata: Mapping[str, Any]) -> str:
    text = _COMPACT.encode(metadata)
    return text if text.isascii() else _SURROGATE.sub(lambda half: f"\\u{ord(half[0]):04x}", text)
