"""Fields of the HTTP bodies that marshmallow does not have, each with the sentence a client reads."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from marshmallow import fields, validate

from schemas.bodies.telling import CALLEE
from schemas.e164 import E164, E164_SENTENCE, number_of

MOST_NUMBERS: Final = 1000
_COUNT_SENTENCE: Final = f"Must hold 1 to {MOST_NUMBERS} phone numbers."

URL_LIMIT_CHARACTERS: Final = 2048
#: RFC 3986, 3.2.1, with a user's name and a password.
_LOGIN: Final = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=%-]+:[A-Za-z0-9._~!$&'()*+,;=:%-]+")
#: For readers of the documentation. What a host and a port are, `format: uri` says.
_REST_SHAPE: Final = "[^/?#@]+([/?#].*)?$"


class PhoneNumber(fields.String):
    """A number in E.164 by shape; it need not be assigned."""

    default_error_messages = {
        "invalid": E164_SENTENCE,
        "null": E164_SENTENCE,
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.metadata = {"pattern": f"^{E164.pattern}$", "examples": [CALLEE], **self.metadata}

    read = staticmethod(number_of)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        if (number := self.read(value)) is None:
            raise self.make_error("invalid")
        return number


#: Of a body's field `invalid_numbers`: what becomes of numbers that cannot be called.
REFUSE, SKIP = "refuse", "skip"
_MOST_SHOWN_CHARACTERS: Final = 100


#: Numbers that calls come from; none of them is left out.
CALLER_IDS: Final = "from_numbers"


class Unreadable(str):
    """What stands where a number should, in a body that wants such to be left out."""

    __slots__ = ()


def left_out(value: object, data: Mapping[str, Any] | None) -> Unreadable | None:
    """What stands for a number that is none, if the body wants such to be left out; None if it is one, or does not."""
    if not data or data.get("invalid_numbers") != SKIP or PhoneNumber.read(value):
        return None
    text = value if isinstance(value, str) else "" if value is None else json.dumps(value)
    return Unreadable(text[:_MOST_SHOWN_CHARACTERS])


class PhoneNumbers(fields.List[str]):
    """A list of numbers. Its length is judged before its elements: of those, one body could hold 300 thousand."""

    default_error_messages = {"invalid": "Must be a list of phone numbers."}

    def __init__(self, most: int = MOST_NUMBERS, **options: Any) -> None:
        sentence = _COUNT_SENTENCE if most == MOST_NUMBERS else f"Must hold 1 to {most} phone numbers."
        super().__init__(
            PhoneNumber(),
            validate=validate.Length(1, most, error=sentence),
            error_messages={"length": sentence},
            **options,
        )
        self._most = most

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> list[Any]:
        if isinstance(value, list):
            if len(value) > self._most:
                raise self.make_error("length")
            read = [PhoneNumber.read(one) for one in value]
            if None in read and attr != CALLER_IDS:
                read = [
                    left_out(one, data) if number is None else number for one, number in zip(value, read, strict=True)
                ]
            if None not in read:
                return read
        return super()._deserialize(value, attr, data, **kwargs)  # raises, and tells every fault


class ShortList(fields.List[Any]):
    """A list of so many of that sort. Its length is judged before its elements."""

    def __init__(self, inner: fields.Field[Any], least: int, most: int, what: str, **options: Any) -> None:
        self._most = most
        sentence = f"Must hold {least} to {most} {what}."
        super().__init__(
            inner,
            validate=validate.Length(least, most, error=sentence),
            error_messages={"invalid": f"Must be a list of {what}.", "length": sentence},
            **options,
        )

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> list[Any]:
        if isinstance(value, list) and len(value) > self._most:
            raise self.make_error("length")
        return super()._deserialize(value, attr, data, **kwargs)


class WebUrl(fields.String):
    """
    An absolute http or https URL. A user's name and password may be in it only if it goes to nobody but Twilio, which
    logs in with them (https://www.twilio.com/docs/usage/security).
    """

    default_error_messages = {
        "invalid": "Must be a string.",
        "url": "Must be an absolute http or https URL.",
        "credentials": "Must not hold a user name or a password.",
        "long": f"Must be at most {URL_LIMIT_CHARACTERS} characters long.",
    }

    def __init__(self, *, may_log_in: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self._may_log_in = may_log_in
        shape = f"^https?://({_LOGIN.pattern}@)?{_REST_SHAPE}" if may_log_in else f"^https?://{_REST_SHAPE}"
        self.metadata = {"format": "uri", "pattern": shape, "maxLength": URL_LIMIT_CHARACTERS, **self.metadata}

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
        login, at, _ = parts.netloc.rpartition("@")
        if at and not (self._may_log_in and _LOGIN.fullmatch(login)):
            raise self.make_error("credentials")
        return text


def whole(low: int, high: int, **options: Any) -> fields.Integer:
    """A whole number within bounds."""
    sentence = f"Must be a whole number from {low} to {high}."
    return WholeNumber(
        strict=True,
        validate=validate.Range(low, high, error=sentence),
        error_messages={"invalid": sentence, "too_large": sentence},
        **options,
    )


class WholeNumber(fields.Integer):
    """An integer as JSON Schema means it, so 10.0 is one; true and "10" are none."""

    def _validated(self, value: Any) -> int:
        return super()._validated(int(value) if isinstance(value, float) and value.is_integer() else value)
