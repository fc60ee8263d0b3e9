"""The operator's rules for numbers: by how they begin, and by which they are called from."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from runtime.dialled.premium import PREMIUM_PREFIXES
from runtime.dialled.trunk import without_trunk
from schemas.emergency import EMERGENCY_NUMBERS, EMERGENCY_SENTENCE

PREFIX_SENTENCE: Final = "Must begin with one of the prefixes that ALLOWED_PREFIXES names."
BLOCKED_SENTENCE: Final = "Must not begin with one of the prefixes that BLOCKED_PREFIXES names."
PREMIUM_SENTENCE: Final = "Must not be a premium, shared-cost or satellite number: ALLOW_PREMIUM lets them be dialled."
SELF_SENTENCE: Final = "Must not be the number that the call comes from: the service never dials its own from-number."


@dataclass(frozen=True, slots=True)
class NumberRules:
    """Of all prefixes that a number begins with the longest decides."""

    allowed: tuple[str, ...] = ()  #: of numbers that may be dialled; () for any
    blocked: tuple[str, ...] = ()  #: of numbers that may not, unless a longer one may
    allow_premium: bool = False
    #: What each beginning that a rule names says of a number that begins with no longer one; a fault, or None.
    _verdicts: Mapping[str, str | None] = field(init=False, repr=False)
    _lengths: Sequence[int] = field(init=False, repr=False)  #: of these beginnings, the longest first

    def __post_init__(self) -> None:
        premium = () if self.allow_premium else PREMIUM_PREFIXES
        beginnings = {"", *self.allowed, *self.blocked, *premium}
        object.__setattr__(self, "_verdicts", {one: self._verdict(one) for one in beginnings})
        object.__setattr__(self, "_lengths", sorted({len(one) for one in beginnings}, reverse=True))

    def fault(self, to: str, from_numbers: Collection[str]) -> str | None:
        """Why the number must not be called from any of these, in a sentence; None if it may."""
        number = without_trunk(to)
        if to in from_numbers or number in from_numbers:
            return SELF_SENTENCE
        if to in EMERGENCY_NUMBERS or number in EMERGENCY_NUMBERS:
            return EMERGENCY_SENTENCE
        verdicts = self._verdicts
        for length in self._lengths:
            if (beginning := number[:length]) in verdicts:
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


def _longest(number: str, prefixes: Collection[str]) -> int:
    """Length of the longest prefix that the number begins with; 0 if there is none."""
    return next((length for length in range(len(number), 0, -1) if number[:length] in prefixes), 0)
