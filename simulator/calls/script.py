"""How the person (or machine) at a number behaves when called."""

from __future__ import annotations

from dataclasses import dataclass

ANSWERED, BUSY, NO_ANSWER, FAILED, MACHINE = "answered", "busy", "no-answer", "failed", "machine"
OUTCOMES = (ANSWERED, BUSY, NO_ANSWER, FAILED, MACHINE)
UNREACHED = frozenset({BUSY, FAILED})
HUMAN, FAX, UNKNOWN, MACHINE_START = "human", "fax", "unknown", "machine_start"
MACHINE_ENDS = ("machine_end_beep", "machine_end_silence", "machine_end_other")


@dataclass(frozen=True, slots=True)
class Script:
    """One number's behaviour; seconds are the calls' own. `talk_seconds` is the whole time from the
    answer to the end, or None for as long as the TwiML lasts. `rings` says whether a call that is busy or fails
    rings before; `answered_by` who is there, a machine with how its greeting of `greeting_seconds` ends."""

    outcome: str
    ring_seconds: float
    talk_seconds: float | None
    digits: str
    sip_response_code: int
    rings: bool
    answered_by: str
    greeting_seconds: float
