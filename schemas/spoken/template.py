"""Texts that are spoken: `{{name}}` stands for a variable, `{{pause 2}}` for silence, `{{{{` for two braces."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}", re.ASCII)
PAUSE: Final = "pause"
MOST_PAUSE_SECONDS: Final = 10

BRACES: Final = "{{"
_MARK: Final = re.compile(
    rf"\{{\{{\{{\{{|\{{\{{\s*(?:{PAUSE}\s+(?P<seconds>\d{{1,2}})|(?P<name>{NAME.pattern}))\s*\}}\}}|\{{\{{", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Pause:
    """Silence."""

    seconds: int


@dataclass(frozen=True, slots=True)
class _Variable:
    name: str
    written: str


@dataclass(frozen=True, slots=True)
class _Stray:
    """Braces that mean nothing."""

    written: str


_Part: TypeAlias = str | Pause | _Variable | _Stray


def names(text: str) -> frozenset[str]:
    """Of the variables that the text wants."""
    return frozenset(part.name for part in _parts(text) if isinstance(part, _Variable))


def fault(text: str, given: Collection[str], whose: str = "") -> str | None:
    """Why the text cannot be spoken with variables of these names, as a sentence; `whose` names who has them."""
    for part in _parts(text):
        if isinstance(part, _Variable) and part.name not in given:
            of = f" of {whose}" if whose else ""
            return f"Must name only variables that are given: variables{of} has no {part.name}."
        if isinstance(part, _Stray):
            return (
                f"Must have a variable's name or pause and 1 to {MOST_PAUSE_SECONDS} between {{{{ and }}}};"
                " {{{{ stands for two braces."
            )
    return None


def filled(text: str, variables: Mapping[str, str]) -> Iterator[str | Pause]:
    """
    The text with what its variables stand for, whose own braces mean nothing, in the pieces between pauses.

    What is no variable is left as it was written: a text that was accepted by a version without variables may hold it.
    """
    piece: list[str] = []
    for part in _parts(text):
        if isinstance(part, Pause):
            yield "".join(piece)
            piece.clear()
            yield part
        elif isinstance(part, _Variable):
            piece.append(variables.get(part.name, part.written))
        else:
            piece.append(part.written if isinstance(part, _Stray) else part)
    yield "".join(piece)


@lru_cache(maxsize=128)  # most calls of a campaign say the same
def _parts(text: str) -> tuple[_Part, ...]:
    if BRACES not in text:
        return (text,)
    found: list[_Part] = []
    end = 0
    for mark in _MARK.finditer(text):
        found += [text[end : mark.start()], _part_of(mark)]
        end = mark.end()
    return (*found, text[end:])


def _part_of(mark: re.Match[str]) -> _Part:
    if mark["seconds"] and 1 <= int(mark["seconds"]) <= MOST_PAUSE_SECONDS:
        return Pause(int(mark["seconds"]))
    if mark["name"] and mark["name"] != PAUSE:
        return _Variable(mark["name"], mark[0])
    return BRACES if mark[0] == 2 * BRACES else _Stray(mark[0])
