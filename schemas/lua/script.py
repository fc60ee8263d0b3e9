"""A script with its arguments, and how its answer is read: what both tiers run."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar

Word: TypeAlias = str | int
Answer = TypeVar("Answer")


class Script(NamedTuple, Generic[Answer]):
    """One run of a script. It may be run twice: the second run changes nothing."""

    name: str
    words: Sequence[Word]  #: its ARGV
    read: Callable[[Any], Answer]


def flat(fields: Mapping[str, str]) -> list[str]:
    """Fields and values as a script takes them."""
    return [word for pair in fields.items() for word in pair]


def paired(words: Sequence[str]) -> dict[str, str]:
    """Fields and values as a script lists them."""
    each = iter(words)
    return dict(zip(each, each, strict=True))


def ms(seconds: float) -> int:
    """Milliseconds, as scripts take spans of time."""
    return round(seconds * 1000)
