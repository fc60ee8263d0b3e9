"""How the person (or machine) at a number behaves when called."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from simulator.settings import Settings

ANSWERED, BUSY, NO_ANSWER, FAILED, MACHINE = "answered", "busy", "no-answer", "failed", "machine"
OUTCOMES = (ANSWERED, BUSY, NO_ANSWER, FAILED, MACHINE)
# Number endings anybody can dial to see an outcome, without any control request.
OUTCOME_BY_ENDING = {"0101": BUSY, "0102": NO_ANSWER, "0103": FAILED, "0104": MACHINE}
# SIP convention (RFC 3261); 404 and 487 are what Twilio's call documentation names.
SIP_RESPONSE_CODES = {ANSWERED: 200, MACHINE: 200, BUSY: 486, NO_ANSWER: 487, FAILED: 404}
LOWEST_SIP_RESPONSE_CODE, HIGHEST_SIP_RESPONSE_CODE = 100, 699
LONGEST_SECONDS = 86_400
_DIGITS = re.compile(r"[0-9A-D*#]{0,100}")


class ScriptError(ValueError):
    """A script or fault that cannot be read; the text says why."""


@dataclass(frozen=True, slots=True)
class Script:
    """One number's behaviour; seconds are the calls' own. `talk_seconds` is the whole time from the
    answer to the end, or None for as long as the TwiML lasts."""

    outcome: str
    ring_seconds: float
    talk_seconds: float | None
    digits: str
    sip_response_code: int


def seconds_of(value: object, name: str) -> float:
    """A duration in a control request."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LONGEST_SECONDS:
        raise ScriptError(f"{name} must be a number of seconds from 0 to 86400")
    return float(value)


def _digits_of(value: object) -> str:
    if not isinstance(value, str) or not _DIGITS.fullmatch(value):
        raise ScriptError("digits must be a string of at most 100 of 0-9, A-D, * and #")
    return value


def _sip_response_code_of(value: object) -> int:
    if (
        isinstance(value, bool)
        or not isinstance(value, int)
        or not LOWEST_SIP_RESPONSE_CODE <= value <= HIGHEST_SIP_RESPONSE_CODE
    ):
        raise ScriptError("sip_response_code must be a whole number from 100 to 699")
    return value


def read_script(body: object, default: Script) -> Script:
    """The script a control request asks for; what it leaves out is as by default."""
    if not isinstance(body, Mapping):
        raise ScriptError("the body must be a JSON object")
    known = ("outcome", "ring_seconds", "talk_seconds", "digits", "sip_response_code")
    unknown = sorted(set(body) - set(known))
    if unknown:
        raise ScriptError(f"unknown fields {unknown}; known are {list(known)}")
    outcome = body.get("outcome", default.outcome)
    if outcome not in OUTCOMES:
        raise ScriptError(f"outcome must be one of {list(OUTCOMES)}")
    script = replace(default, outcome=outcome, sip_response_code=SIP_RESPONSE_CODES[outcome])
    if "ring_seconds" in body:
        script = replace(script, ring_seconds=seconds_of(body["ring_seconds"], "ring_seconds"))
    if "talk_seconds" in body:
        talk = body["talk_seconds"]
        talk = None if talk is None else seconds_of(talk, "talk_seconds")
        script = replace(script, talk_seconds=talk)
    if "digits" in body:
        script = replace(script, digits=_digits_of(body["digits"]))
    if "sip_response_code" in body:
        code = _sip_response_code_of(body["sip_response_code"])
        script = replace(script, sip_response_code=code)
    return script


@dataclass(slots=True)
class NumberBook:
    """Which script each number follows."""

    settings: Settings
    scripts: dict[str, Script] = field(default_factory=dict)

    def default_for(self, number: str) -> Script:
        """What the number does when nobody scripted it, by its last four digits."""
        outcome = OUTCOME_BY_ENDING.get(number[-4:], ANSWERED)
        return Script(
            outcome=outcome,
            ring_seconds=self.settings.answer_after_seconds,
            talk_seconds=self.settings.talk_seconds,
            digits="",
            sip_response_code=SIP_RESPONSE_CODES[outcome],
        )

    def script_for(self, number: str) -> Script:
        """The script the next call to this number follows."""
        return self.scripts.get(number) or self.default_for(number)
