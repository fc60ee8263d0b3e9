"""Arguments of the commands that are more than texts; of a wrong one it is told what it must be."""

import json
from argparse import ArgumentTypeError
from collections.abc import Callable
from datetime import datetime
from typing import Any


def whole(least: int, most: int) -> Callable[[str], int]:
    """A whole number in a range, of which argparse's own `choices` would print every one."""

    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if not least <= value <= most:
            raise ArgumentTypeError(f"{text} is no whole number from {least} to {most}")
        return value

    return read


def seconds(most: int) -> Callable[[str], float]:
    """A time from 0 to so many seconds."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = -1.0
        if not 0 <= value <= most:
            raise ArgumentTypeError(f"{text} is no number from 0 to {most}")
        return value

    return read


def instant(text: str) -> datetime:
    """A time with its offset from UTC."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text} is no time as 2026-11-26T09:00Z") from None
    if at.tzinfo is None:
        raise ArgumentTypeError(f"{text} names no offset from UTC: add Z, or one as +01:00")
    return at


def as_json(text: str) -> Any:
    """A value as the API takes it."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ArgumentTypeError(f"{text} is no JSON: {error}") from None
