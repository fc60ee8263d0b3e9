"""JSON as RFC 8259 has it, and no more of it than one can read without holding up everybody else."""

import json
from typing import Any, Final, NoReturn

import orjson

from app.errors import InvalidRequest

#: Far below the depth at which reading, writing or comparing a value would fail somewhere on its way.
MOST_LEVELS: Final = 100

#: No body that an endpoint takes holds nearly as many; to read more would hold up everybody else.
MOST_VALUES: Final = 50_000
MOST_FIELDS: Final = 25_000
MOST_CONTAINERS: Final = 25_000

#: Those of the largest number that a double holds. Of many more, each takes long to read and to write.
MOST_DIGITS: Final = 309

_INVALID: Final = "The body is not valid JSON"
_DEEP: Final = "The body is nested too deeply"

#: What orjson and the standard library make of objects and arrays.
_CONTAINERS: Final = frozenset({dict, list})

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"

#: More than 18 digits: orjson makes a fraction of a whole number that 64 bits do not hold.
_LONG_NUMBER: Final = b"0" * 19
_DIGITS_AS_0: Final = bytes.maketrans(b"123456789", b"000000000")


def parse_json(body: bytes) -> Any:
    """Parses strict JSON; raises InvalidRequest with the place of the fault."""
    body = body.removeprefix(_BYTE_ORDER_MARK)  # which RFC 8259, 8.1, lets a reader ignore
    containers = body.count(b"[") + body.count(b"{")
    if containers > MOST_CONTAINERS:
        raise _refusal(f"{_DEEP}: {MOST_LEVELS} levels, and {MOST_CONTAINERS} arrays and objects, are the most.")
    if body.count(b":") > MOST_FIELDS:
        raise _refusal(f"The body holds more than {MOST_FIELDS} fields.")
    if body.count(b",") >= MOST_VALUES:
        raise _refusal(f"The body holds more than {MOST_VALUES} values.")
    try:
        value = _loads(body)
        if containers > MOST_LEVELS:
            _check_depth(value)
        return value
    except json.JSONDecodeError as error:
        detail = f"{_INVALID}: {error.msg} at line {error.lineno} column {error.colno}."
    except UnicodeDecodeError as error:
        detail = f"{_INVALID}: it is not UTF-8 at byte {error.start}."
    except RecursionError:
        detail = f"{_DEEP}: {MOST_LEVELS} levels are the most."
    except ValueError as error:
        detail = f"{_INVALID}: {_first_line(error)}."
    raise _refusal(detail)


def _refusal(detail: str) -> InvalidRequest:
    return InvalidRequest(detail, {"body": [detail]})


def _loads(body: bytes) -> Any:
    """By orjson, whose price is a fifth; what it refuses, or reads otherwise, by the standard library."""
    if _LONG_NUMBER not in body.translate(_DIGITS_AS_0):
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError:
            pass
    return json.loads(body.decode("utf-8"), parse_constant=_refuse_constant, parse_int=_whole)


def _whole(text: str) -> int:
    if len(text) > MOST_DIGITS:
        raise ValueError(f"a whole number has more than {MOST_DIGITS} digits")
    return int(text)


def _check_depth(value: Any) -> None:
    """Raises RecursionError when arrays and objects are nested deeper than MOST_LEVELS."""
    level: list[Any] = [[value]]
    for _ in range(MOST_LEVELS + 1):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if type(inner) in _CONTAINERS
        ]
        if not level:
            return
    raise RecursionError


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _first_line(error: ValueError) -> str:
    return str(error).partition(";")[0].partition("\n")[0]
