"""Parameters of a query: each read, checked and documented by the same few lines; and cursors of lists."""

import base64
import binascii
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from aiohttp import web

from app.http.body.checking import invalid_request
from schemas.moment import MOMENT

_UNKNOWN: Final = "Unknown parameter."
_TWICE: Final = "Must be given once."
_BAD_CURSOR: Final = "Must be the next_cursor of an answer to the same request."
_NO_INSTANT: Final = (
    "Must be an RFC 3339 time with an offset, e.g. 2026-11-27T00:00:00Z; a + in an address is written %2B."
)
MOST_IN_A_PAGE: Final = 200
_USUAL_PAGE: Final = 50


class Parameter(NamedTuple):
    """One parameter of a query."""

    name: str
    description: str
    schema: Mapping[str, Any]  #: as OpenAPI describes it
    read: Callable[[str], Any]  #: raises ValueError with a sentence

    @property
    def documented(self) -> dict[str, Any]:
        """As OpenAPI has it."""
        told = {"description": self.description, "schema": dict(self.schema)}
        return {"in": "query", "name": self.name, "required": False, **told}


def read_query(request: web.Request, parameters: Sequence[Parameter]) -> dict[str, Any]:
    """Those that are given; raises InvalidRequest that names each that is unknown, wrong, or given twice."""
    known = {parameter.name: parameter for parameter in parameters}
    values: dict[str, Any] = {}
    faults: dict[str, list[str]] = {}
    for name in dict.fromkeys(request.query):
        try:
            values[name] = _value(known.get(name), request.query.getall(name))
        except ValueError as error:
            faults[name] = [str(error)]
    if faults:
        raise invalid_request(faults)
    return values


def _value(parameter: Parameter | None, given: Sequence[str]) -> Any:
    if parameter is None:
        raise ValueError(_UNKNOWN)
    if len(given) > 1:
        raise ValueError(_TWICE)
    return parameter.read(given[0])


def one_of(name: str, description: str, words: Sequence[str]) -> Parameter:
    """A parameter that is one of these words."""

    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"Must be one of: {', '.join(words)}.")
        return text

    return Parameter(name, description, {"type": "string", "enum": list(words)}, read)


def some_text(name: str, description: str, most_characters: int = 200) -> Parameter:
    """A parameter that is any text of so many characters."""

    def read(text: str) -> str:
        if not 1 <= len(text) <= most_characters:
            raise ValueError(f"Must be 1 to {most_characters} characters long.")
        return text

    return Parameter(name, description, {"type": "string", "minLength": 1, "maxLength": most_characters}, read)


def whole(name: str, description: str, least: int, most: int, usual: int | None = None) -> Parameter:
    """A parameter that is a whole number within bounds."""

    def read(text: str) -> int:
        if not re.fullmatch(r"\d{1,15}", text, re.ASCII) or not least <= int(text) <= most:
            raise ValueError(f"Must be a whole number from {least} to {most}.")
        return int(text)

    bounds = {"type": "integer", "minimum": least, "maximum": most}
    return Parameter(name, description, bounds | ({} if usual is None else {"default": usual}), read)


def instant(name: str, description: str) -> Parameter:
    """A parameter that is an instant, in milliseconds since 1970."""
    return Parameter(name, description, {"type": "string", "format": "date-time"}, _read_instant)


def _read_instant(text: str) -> int:
    try:
        at = datetime.fromisoformat(text.upper()) if MOMENT.fullmatch(text) else None
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise ValueError(_NO_INSTANT)
    return max(0, round(at.timestamp() * 1000))


LIMIT: Final = whole(
    "limit",
    f"Most entries of one page, 1 to {MOST_IN_A_PAGE}; e.g. `20`",
    1,
    MOST_IN_A_PAGE,
    _USUAL_PAGE,
)


def limit_of(values: Mapping[str, Any]) -> int:
    """How many entries a page is to have."""
    limit: int = values.get("limit", _USUAL_PAGE)
    return limit


def cursor(form: re.Pattern[str]) -> Parameter:
    """Where a list is to go on: as `next_cursor` of its last page says, in which stands a text of this form."""

    def read(text: str) -> re.Match[str]:
        try:
            padded = text + "=" * (-len(text) % 4)
            place = form.fullmatch(base64.b64decode(padded, altchars=b"-_", validate=True).decode("ascii"))
        except (binascii.Error, ValueError):
            place = None
        if place is None:
            raise ValueError(_BAD_CURSOR)
        return place

    description = (
        "`next_cursor` of the page before, as it is; without it the list begins. E.g. `dDoxNzk1NTY4Mjc2MzcwOmE`"
    )
    return Parameter("cursor", description, {"type": "string"}, read)


def next_cursor(place: str) -> str:
    """A place in a list as clients get it: opaque, and safe in an address."""
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")
