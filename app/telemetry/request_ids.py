"""Ids of requests, and so of tasks: UUIDs of version 4 (RFC 9562, section 5.4)."""

import os
from collections.abc import Iterator
from typing import Final

_DRAWN_AT_ONCE: Final = 64
_DIGITS: Final = 32
#: The two highest bits of the variant's digit are fixed.
_VARIANT: Final = {f"{digit:x}": "89ab"[digit % 4] for digit in range(16)}


def request_ids() -> Iterator[str]:
    """Without end. The operating system is asked for many at once: it takes longer than all else of one."""
    while True:
        digits = os.urandom(_DRAWN_AT_ONCE * _DIGITS // 2).hex()
        for at in range(0, len(digits), _DIGITS):
            one = digits[at : at + _DIGITS]
            yield f"{one[:8]}-{one[8:12]}-4{one[13:16]}-{_VARIANT[one[16]]}{one[17:20]}-{one[20:]}"
