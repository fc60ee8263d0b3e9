"""The Lua text of a script as Redis runs it."""

import hashlib
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

from schemas.lua.facts import lua_facts, lua_transitions

_FACTS: Final = "the facts"
_OUTER: Final = (_FACTS, "prelude.lua")
#: Functions that most runs do without: what they alone use is made when they are first called.
_LATE: Final = frozenset(
    {
        "in_turn",
        "leave_turns",
        "move_old_lines",
        "move_rows",
        "over_ms_of",
        "overdue",
        "take_from",
        "take_turn",
        "under_rarities",
        "used_up_ms",
    }
)
_FOLDER: Final = files("schemas.scripts")
_NO_CODE: Final = re.compile(r"--[^\n]*|'[^'\n]*'")
_WORD: Final = re.compile(r"(?:(?<=\.\.)|(?<![.\w]))[A-Za-z_]\w*")
_NAME: Final = re.compile(r"(?<![.\w'])[A-Z_]{2,}(?![\w'])")
_NAMES: Final = r"(\w+(?:, \w+)*)"
_BOUND: Final = re.compile(rf"\b(?:local (?=(?:function )?{_NAMES})|for {_NAMES} |function(?: [\w.]+)?\({_NAMES})")
_DEFINED: Final = re.compile(rf"local (?:function )?{_NAMES}")
_NUMBER: Final = re.compile(r"local [A-Z_]+ = ([\d.e]+)\s*(?:--.*)?\n")


class Piece(NamedTuple):
    """A definition that scripts share, or a script's own text."""

    file: str
    line: int  #: its first in the file
    text: str

    @property
    def defines(self) -> list[str]:
        """The names of a definition."""
        defined = _DEFINED.match(self.text)
        return defined[1].split(", ") if defined else []

    @property
    def number(self) -> str:
        """The number that it gives a name, if it does."""
        told = _NUMBER.fullmatch(self.text)
        return told[1] if told else ""

    @property
    def is_outer(self) -> bool:
        """Whether it is one of those that nearly all others use, and that use none of the others."""
        return self.file in _OUTER

    @property
    def is_late(self) -> bool:
        """Whether it is a function that most runs do without."""
        return not _LATE.isdisjoint(self.defines)

    @property
    def uses(self) -> list[str]:
        """What may be names of definitions: all words in their order, but those that it binds itself."""
        code = _NO_CODE.sub("''", self.text)
        bound = {name for names in _BOUND.findall(code) for name in ", ".join(names).split(", ")}
        return [word for word in dict.fromkeys(_WORD.findall(code)) if word not in bound]


@cache
def shared() -> tuple[Piece, ...]:
    """All definitions: the facts that Python knows too, and the top-level locals of the shared files."""
    files = sorted((file.name, file.read_text("utf-8")) for file in _FOLDER.joinpath("shared").iterdir())
    facts = (_FACTS, lua_facts() + lua_transitions())
    return tuple(piece for file, text in (facts, *files) for piece in _defined(file, text))


@cache
def _by_name() -> dict[str, Piece]:
    return {name: piece for piece in shared() for name in piece.defines}


@cache
def _numbers() -> dict[str, str]:
    return {name: piece.number for name, piece in _by_name().items() if piece.number}


def _defined(file: str, text: str) -> Iterator[Piece]:
    lines = text.splitlines(keepends=True)
    starts = [place for place, line in enumerate(lines) if line.startswith("local ")]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        code = [line for line in lines[start:end] if line.strip() and not line.startswith("--")]
        yield Piece(file, start + 1, "".join(code))


@cache
def pieces(name: str) -> tuple[Piece, ...]:
    """
    What a script uses of the definitions, each behind those that it uses itself, and the script.

    Every run makes each function and table anew, so a script gets nothing else.
    """
    return _with_what_it_uses(Piece(f"{name}.lua", 1, _FOLDER.joinpath(f"{name}.lua").read_text("utf-8")))


def _with_what_it_uses(own: Piece) -> tuple[Piece, ...]:
    needed: dict[Piece, None] = {}

    def take(piece: Piece, within: tuple[Piece, ...]) -> None:
        for word in piece.uses:
            used = _by_name().get(word)
            if used is not None and used not in needed and used not in within:
                take(used, (*within, used))
        needed[piece] = None

    take(own, (own,))
    return tuple(needed)


@cache
def source(name: str) -> str:
    """Lua text of a script."""
    return _text(pieces(name))


def source_of(own: str) -> str:
    """Lua text of a script that has no file of its own."""
    return _text(_with_what_it_uses(Piece("", 1, own)))


def _text(parts: tuple[Piece, ...]) -> str:
    # For each local of the function around it that a function uses, Lua goes through all of these that any function
    # uses; what the one around it has from further out costs nothing. So what nearly all use stands further out.
    # And a number costs nothing where it stands itself.
    own = _at_hand(parts[-1], parts)
    outer = "".join(piece.text for piece in own if piece.is_outer and not piece.number)
    text = (
        f"{outer}return (function()\n{_written([piece for piece in own if not piece.is_outer], own, parts)}\nend)()\n"
    )
    return _NAME.sub(lambda name: _numbers().get(name[0], name[0]), text)


def _at_hand(own: Piece, parts: tuple[Piece, ...]) -> list[Piece]:
    """What stands beside a piece, and the piece: late functions, but not what they alone use."""
    reached = {own}
    ahead = [own]
    while ahead:
        used = {_by_name()[word] for word in ahead.pop().uses if word in _by_name()} - reached
        reached |= used
        ahead += [piece for piece in used if not piece.is_late]
    return [piece for piece in parts if piece in reached]


def _written(own: list[Piece], beside: list[Piece], parts: tuple[Piece, ...], late: str = "_late") -> str:
    """
    Definitions, and behind them the last of them all, which uses them. In place of its late functions stands one that
    makes them, with what they alone use, when they are first called; what several of them use is made by each.
    """
    made = [piece for piece in own if piece.is_late and piece is not own[-1]]
    shared = "".join(piece.text for piece in own[:-1] if piece not in made and not piece.number)
    if not made:
        return shared + own[-1].text
    each = "".join(_made(piece, beside, parts, f"_made{late}") for piece in made)
    text = f"""local {late}, _made{late}
{shared}function {late}(name)
_made{late} = _made{late} or {{}}
if _made{late}[name] then return _made{late}[name] end
{each}return _made{late}[name]
end
{own[-1].text}"""
    names = "|".join(name for piece in made for name in piece.defines)
    return re.sub(rf"(?<![.\w])(?<!function )({names})\(", rf"{late}('\1')(", text)


def _made(piece: Piece, beside: list[Piece], parts: tuple[Piece, ...], made: str) -> str:
    (name,) = piece.defines
    within = [one for one in _at_hand(piece, parts) if one is piece or one not in beside]
    text = _written(within, [*beside, *within], parts, f"_late_in_{name}")
    return f"if name == '{name}' then\n{text}{made}.{name} = {name}\nend\n"


@cache
def digest(name: str) -> str:
    """By which Redis knows the script (EVALSHA)."""
    return hashlib.sha1(source(name).encode(), usedforsecurity=False).hexdigest()
