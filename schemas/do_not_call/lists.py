"""opt_out, opt_in, opted_out, opt_outs, bar, cap and merge_opt_outs.lua: who is not called, or not yet."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from secrets import token_hex
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from schemas.do_not_call.entry import Entry
from schemas.limits import Limits
from schemas.lua.script import Script

#: The list that holds for everybody's tasks.
SERVICE: Final = "service"

Way: TypeAlias = Literal["api", "key_press", "command"]


def list_of(client: str | None) -> str:
    """The list that holds for one name's tasks; where nobody has a name, the service's."""
    return f"of:{client}" if client else SERVICE


class OptOut(NamedTuple):
    """Numbers that are not to be called any more."""

    on_list: str
    numbers: Sequence[str]
    by: str = ""  #: name of the key
    call_id: str = ""  #: in which a key was pressed
    way: Way = "api"
    key_digest: str = ""
    fingerprint: str = ""


class Effect(NamedTuple):
    """What came of it."""

    verdict: Literal["done", "replayed", "mismatch"]
    added: int
    known: int  #: numbers that were on the list
    going_on: int  #: calls to them that had left before, and are not hung up
    leaving: tuple[str, ...] = ()  #: those whose request may just be leaving


def opt_out(wish: OptOut) -> Script[Effect]:
    """Puts numbers, a thousand at most, onto a list."""
    words = (
        wish.on_list,
        wish.by,
        wish.call_id,
        wish.way,
        wish.key_digest,
        wish.fingerprint,
        token_hex(16),
        *wish.numbers,
    )
    return Script("opt_out", words, _effect)


def _effect(answer: Any) -> Effect:
    verdict, added, known, going_on, *leaving = answer
    return Effect(verdict, int(added), int(known), int(going_on), tuple(leaving))


def opt_in(on_list: str, number: str, by: str, reason: str) -> Script[bool]:
    """Takes a number off a list; False if it is not on it."""
    return Script("opt_in", (on_list, number, by, reason, token_hex(16)), lambda answer: bool(answer == "1"))


def opted_out(client: str | None, numbers: Sequence[str]) -> Script[frozenset[str]]:
    """Those of a thousand numbers at most that the client is not to call."""
    return Script("opted_out", (client or "", *numbers), frozenset)


def entry_of(on_list: str, number: str) -> Script[Entry | None]:
    """What is known of a number on a list; None if it is not on it."""
    return Script("opt_outs", (on_list, number, "", 1), lambda answer: next(iter(_entries(answer)), None))


def entries(on_list: str, behind: str, most: int) -> Script[list[Entry]]:
    """Entries of a list in the order of their numbers, a thousand at most."""
    return Script("opt_outs", (on_list, "", behind, most), _entries)


def _entries(answer: Sequence[str]) -> list[Entry]:
    return [Entry.read(member, packed) for member, packed in zip(answer[::2], answer[1::2], strict=True)]


def bar(call_id: str, retention_days: int) -> Script[bool]:
    """Cancels a call whose number is not to be called; whether it is cancelled."""
    return Script("bar", (call_id, retention_days * 86_400_000), lambda answer: bool(answer == "1"))


def cap(call_id: str, limits: Limits, retention_days: int) -> Script[bool]:
    """Lets a call wait whose number was called as often as it may be, or whose day is full; whether it does."""
    words = (call_id, retention_days * 86_400_000, limits.most_calls_per_number, limits.most_calls_per_day)
    return Script("cap", words, lambda answer: bool(answer == "1"))


def digest_of(salt: str, number: str) -> str:
    """What stands for a number in the stream of proof, and on a list once it is forgotten: see barred.lua."""
    inner = _sha1(salt + number)
    return f"#{_sha1(salt + inner)}"


def _sha1(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def merge(salt: str, proof: Sequence[Mapping[str, str]]) -> Script[int]:
    """Lets happen again what happened to lists elsewhere, oldest first, a thousand at most; how many changed one."""
    return Script("merge_opt_outs", (salt, *(json.dumps(entry) for entry in proof)), int)
