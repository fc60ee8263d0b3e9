"""Phone numbers, by shape: E.164, the North American plan, and those that nobody may call."""

from __future__ import annotations

import re

_E164 = re.compile(r"\+[1-9]\d{1,14}", re.ASCII)
#: Ten digits behind +1, area code and exchange from 2 to 9 (North American Numbering Plan).
_NORTH_AMERICAN = re.compile(r"\+1([2-9]\d{2})([2-9]\d{2})(\d{4})", re.ASCII)
_NORTH_AMERICAN_PREMIUM = re.compile(r"\+1(900\d{7}|\d{3}976\d{4})", re.ASCII)
EMERGENCY = frozenset(
    {"+112", "+911", "+999", "+1112", "+1911", "+1933", "+33112", "+44112", "+44999", "+49110", "+49112", "+61000"}
    | {"+61112", "+64111", "+91112"}
)
#: Numbers that a reader of examples dials first. They are one digit short, and answer here all the same.
FICTIONAL = frozenset({"+1234567890", "+1234567891", "+1234567892", "+1234567893", "+1987654321"})


def is_phone_number(text: str) -> bool:
    """Whether somebody could have this number: E.164, and behind +1 as North American numbers are."""
    if text in FICTIONAL or text in EMERGENCY:
        return True
    return (_NORTH_AMERICAN if text.startswith("+1") else _E164).fullmatch(text) is not None


def may_be_called(number: str) -> bool:
    """Whether Twilio calls such a number: neither an emergency nor a premium one."""
    return number not in EMERGENCY and _NORTH_AMERICAN_PREMIUM.fullmatch(number) is None


def formatted(number: str) -> str:
    """The number as Twilio displays it: `(415) 555-1212` in North America, E.164 elsewhere."""
    parts = _NORTH_AMERICAN.fullmatch(number)
    return f"({parts[1]}) {parts[2]}-{parts[3]}" if parts else number
