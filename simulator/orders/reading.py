"""The JSON of an order, read field by field."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

LONGEST_SECONDS = 86_400
LONGEST_TEXT = 1000


class OrderError(ValueError):
    """An order that cannot be read; the text says why."""


def fields_of(body: object, known: Iterable[str]) -> Mapping[str, object]:
    """The members of the order's JSON object; one that is not known is an error."""
    if not isinstance(body, Mapping):
        raise OrderError("the body must be a JSON object")
    if unknown := sorted(set(body) - set(known)):
        raise OrderError(f"unknown fields {unknown}; known are {sorted(known)}")
    return body


def seconds_of(value: object, name: str) -> float:
    """A duration."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LONGEST_SECONDS:
        raise OrderError(f"{name} must be a number of seconds from 0 to {LONGEST_SECONDS}")
    return float(value)


def whole_of(value: object, name: str, lowest: int, highest: int) -> int:
    """A whole number within bounds."""
    if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
        raise OrderError(f"{name} must be a whole number from {lowest} to {highest}")
    return value


def share_of(value: object, name: str) -> float:
    """A share or probability."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise OrderError(f"{name} must be a number from 0 to 1")
    return float(value)


def choice_of(value: object, name: str, choices: Iterable[str]) -> str:
    """One of some words."""
    if not isinstance(value, str) or value not in choices:
        raise OrderError(f"{name} must be one of {sorted(choices)}")
    return value


def flag_of(value: object, name: str) -> bool:
    """Yes or no."""
    if not isinstance(value, bool):
        raise OrderError(f"{name} must be true or false")
    return value


def text_of(value: object, name: str, pattern: str = ".*") -> str:
    """A text, printable on one line, of a form if one is given."""
    if not isinstance(value, str) or not value.isprintable() or len(value) > LONGEST_TEXT:
        raise OrderError(f"{name} must be a text of at most {LONGEST_TEXT} printable characters")
    if not re.fullmatch(pattern, value, re.ASCII if pattern != ".*" else 0):
        raise OrderError(f"{name} must be like {pattern}")
    return value
