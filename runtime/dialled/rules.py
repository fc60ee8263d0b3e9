"""The operator's rules for numbers: by how they begin, and by which they are called from."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from runtime.dialled.premium import PREMIUM_PREFIXES
from schemas.numbers.emergency import EMERGENCY_NUMBERS, EMERGENCY_SENTENCE

PREFIX_SENTENCE: Final = "Must begin with one of the prefixes that ALLOWED_PREFIXES names."
BLOCKED_SENTENCE: Final = "Must not begin with one of the prefixes that BLOCKED_PREFIXES names."
PREMIUM_SENTENCE: Final = "Must not be a premium, shared-cost or satellite number: ALLOW_PREMIUM lets them be dialled."
SELF_SENTENCE: Final = "Must not be the number that the call comes from: the service never dials its own from-number."

#: By so many characters most numbers are told from all beginnings that are longer.
_HEAD_CHARACTERS: Final = 3


@dataclass(frozen=True, slots=True)
class NumberRules:
    """Of all prefixes that a number begins with the longest decides."""

    allowed: tuple[str, ...] = ()  #: of numbers that may be dialled; () for any
    blocked: tuple[str, ...] = ()  #: of numbers that may not, unless a longer one may
    allow_premium: bool = False
    #: What each beginning that a rule names says of a number that begins with no longer one; a fault, or None.
    _verdicts: Mapping[str, str | None] = field(init=False, repr=False)
    #: How a number begins -> lengths of the beginnings that it may have, the longest first; '' for any other number.
    _lengths: Mapping[str, Sequence[int]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        premium = () if self.allow_premium else PREMIUM_PREFIXES
        beginnings = {"", *self.allowed, *self.blocked, *premium}
        object.__setattr__(self, "_verdicts", {one: self._verdict(one) for one in beginnings})
        object.__setattr__(self, "_lengths", _lengths_by_head(beginnings))

    def fault(self, to: str, from_numbers: Collection[str]) -> str | None:
        """Why the number must not be called from any of these, in a sentence; None if it may."""
        if to in from_numbers:
            return SELF_SENTENCE
        if to in EMERGENCY_NUMBERS:
            return EMERGENCY_SENTENCE
        verdicts = self._verdicts
        for length in self._lengths.get(to[:_HEAD_CHARACTERS]) or self._lengths[""]:
            if (beginning := to[:length]) in verdicts:
                return verdicts[beginning]
        return None  # not reached: every number begins with the empty one

    def _verdict(self, beginning: str) -> str | None:
        allowed = _longest(beginning, self.allowed)
        if self.allowed and not allowed:
            return PREFIX_SENTENCE
        premium = 0 if self.allow_premium else _longest(beginning, PREMIUM_PREFIXES)
        if max(_longest(beginning, self.blocked), premium) > allowed:
            return PREMIUM_SENTENCE if premium > allowed else BLOCKED_SENTENCE
        return None


def _lengths_by_head(beginnings: Iterable[str]) -> dict[str, list[int]]:
    """Heads of `_HEAD_CHARACTERS`, and ''; what is shorter than a head any number may begin with."""
    lengths = defaultdict[str, set[int]](set)
    for one in beginnings:
        lengths[one[:_HEAD_CHARACTERS] if len(one) >= _HEAD_CHARACTERS else ""].add(len(one))
    return {head: sorted(its | lengths[""], reverse=True) for head, its in lengths.items()}


def _longest(number: str, prefixes: Collection[str]) -> int:
    """Length of the longest prefix that the number begins with; 0 if there is none."""
    return next((length for length in range(len(number), 0, -1) if number[:length] in prefixes), 0)
