"""Fields of the HTTP bodies that marshmallow does not have, each with the sentence a client reads."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from marshmallow import ValidationError, fields, validate

from schemas.webhooks import MACHINE_DETECTION

E164: Final = re.compile(r"\+[1-9]\d{1,14}", re.ASCII)
E164_PREFIX: Final = re.compile(r"\+[1-9]\d{0,14}", re.ASCII)
MOST_NUMBERS: Final = 1000
_COUNT_SENTENCE: Final = f"Must hold 1 to {MOST_NUMBERS} phone numbers."
E164_SENTENCE: Final = "Phone number must be in E.164 format (e.g., +1234567890)"

#: Contract: call metadata is free-form JSON up to 16 KiB.
METADATA_LIMIT_BYTES: Final = 16 * 1024
URL_LIMIT_CHARACTERS: Final = 2048
#: For readers of the documentation: no user name, no password. What a host and a port are, `format: uri` says.
_URL_SHAPE: Final = "^https?://[^/?#@]+([/?#].*)?$"
PRIORITIES: Final = ("high", "normal", "low")
DEFAULT_PRIORITY: Final = "normal"

#: Of the metadata: what the program itself reads, in words of JSON Schema.
_KNOWN_KEYS: Final[Mapping[str, Mapping[str, Any]]] = {
    "message": {"type": "string"},
    "voice": {"type": "string"},
    "language": {"type": "string"},
    "priority": {"type": "string", "enum": list(PRIORITIES)},
    "machine_detection": {"type": "string", "enum": list(MACHINE_DETECTION)},
}


_UTF8: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)
_ASCII: Final = json.JSONEncoder(separators=(",", ":"))


class PhoneNumber(fields.String):
    """A number in E.164 by shape; it need not be assigned."""

    default_error_messages = {
        "required": "This field is required.",
        "invalid": E164_SENTENCE,
        "null": E164_SENTENCE,
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.metadata = {"pattern": f"^{E164.pattern}$", "examples": ["+1234567890"], **self.metadata}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        if not isinstance(value, str) or not E164.fullmatch(value):
            raise self.make_error("invalid")
        return value


class PhoneNumbers(fields.List[str]):
    """A list of numbers. Its length is judged before its elements: of those, one body could hold 300 thousand."""

    default_error_messages = {"invalid": "Must be a list of phone numbers.", "length": _COUNT_SENTENCE}

    def __init__(self, **options: Any) -> None:
        super().__init__(PhoneNumber(), validate=validate.Length(1, MOST_NUMBERS, error=_COUNT_SENTENCE), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> list[Any]:
        if isinstance(value, list) and len(value) > MOST_NUMBERS:
            raise self.make_error("length")
        return super()._deserialize(value, attr, data, **kwargs)


class WebUrl(fields.String):
    """An absolute http or https URL, without a user's name or password: those would end up at others."""

    default_error_messages = {
        "invalid": "Must be a string.",
        "url": "Must be an absolute http or https URL.",
        "credentials": "Must not hold a user name or a password.",
        "long": f"Must be at most {URL_LIMIT_CHARACTERS} characters long.",
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.metadata = {"format": "uri", "pattern": _URL_SHAPE, "maxLength": URL_LIMIT_CHARACTERS, **self.metadata}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        if len(text) > URL_LIMIT_CHARACTERS:
            raise self.make_error("long")
        if not text.isascii() or not text.isprintable() or " " in text:
            raise self.make_error("url")
        try:
            parts = urlsplit(text)
            port_is_valid = parts.port is None or parts.port > 0
        except ValueError as error:
            raise self.make_error("url") from error
        if parts.scheme not in {"http", "https"} or not parts.hostname or not port_is_valid:
            raise self.make_error("url")
        if "@" in parts.netloc:
            raise self.make_error("credentials")
        return text


class WholeNumber(fields.Integer):
    """An integer as JSON Schema means it, so 10.0 is one; true and "10" are none."""

    def _validated(self, value: Any) -> int:
        return super()._validated(int(value) if isinstance(value, float) and value.is_integer() else value)


class PackedMetadata(NamedTuple):
    """Metadata as they are kept."""

    text: str  #: compact JSON, in ASCII so that any string survives the way; '' for an empty object
    priority: str


class Metadata(fields.Field[PackedMetadata]):
    """Free-form JSON object; the keys that the program itself reads must have their types."""

    default_error_messages = {
        "invalid": "Must be a JSON object.",
        "large": f"Must be at most {METADATA_LIMIT_BYTES} bytes of JSON.",
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.metadata = {"type": "object", "properties": _KNOWN_KEYS, **self.metadata}

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> PackedMetadata:
        if not isinstance(value, dict):
            raise self.make_error("invalid")
        text = pack_metadata(value)
        # In UTF-8, which is what counts, no text is longer than in ASCII.
        if len(text) > METADATA_LIMIT_BYTES and _size_bytes(value) > METADATA_LIMIT_BYTES:
            raise self.make_error("large")
        faults = {key: [fault] for key in _KNOWN_KEYS if key in value and (fault := _fault(key, value[key]))}
        if faults:
            raise ValidationError(faults)
        return PackedMetadata(text if value else "", value.get("priority", DEFAULT_PRIORITY))


def _fault(key: str, value: Any) -> str | None:
    words = _KNOWN_KEYS[key].get("enum")
    if words is None:
        return None if isinstance(value, str) else "Must be a string."
    return None if value in words else f"Must be one of: {', '.join(words)}."


def _size_bytes(metadata: Mapping[str, Any]) -> int:
    return len(_UTF8.encode(metadata).encode("utf-8", "surrogatepass"))


def pack_metadata(metadata: Mapping[str, Any]) -> str:
    """Compact JSON in ASCII."""
    return _ASCII.encode(metadata)
