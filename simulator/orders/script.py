"""How numbers behave when called: as a control request orders it, else by their endings."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from simulator.calls.script import (
    ANSWERED,
    BUSY,
    FAILED,
    FAX,
    HUMAN,
    MACHINE,
    MACHINE_ENDS,
    NO_ANSWER,
    OUTCOMES,
    UNKNOWN,
    UNREACHED,
    Script,
)
from simulator.orders.reading import OrderError, choice_of, fields_of, flag_of, seconds_of, text_of, whole_of
from simulator.settings import Settings

# Number endings anybody can dial to see an outcome, without any control request.
OUTCOME_BY_ENDING = {"0101": BUSY, "0102": NO_ANSWER, "0103": FAILED, "0104": MACHINE}
# SIP convention (RFC 3261); 404 and 487 are what Twilio's call documentation names.
SIP_RESPONSE_CODES = {ANSWERED: 200, MACHINE: 200, BUSY: 486, NO_ANSWER: 487, FAILED: 404}
SIP_RESPONSE_CODE_RANGE = (100, 699)
DIGITS = "[0-9A-D*#]{0,100}"
_WHO = (HUMAN, *MACHINE_ENDS, FAX, UNKNOWN)
_GREETING_SECONDS = {HUMAN: 0.8} | dict.fromkeys(MACHINE_ENDS, 4.0)
_FIELDS = (
    "outcome",
    "ring_seconds",
    "talk_seconds",
    "digits",
    "sip_response_code",
    "rings",
    "answered_by",
    "greeting_seconds",
)


def _by_default(outcome: str, settings: Settings) -> Script:
    who = MACHINE_ENDS[0] if outcome == MACHINE else HUMAN
    return Script(
        outcome=outcome,
        ring_seconds=settings.answer_after_seconds,
        talk_seconds=settings.talk_seconds,
        digits="",
        sip_response_code=SIP_RESPONSE_CODES[outcome],
        rings=outcome not in UNREACHED,
        answered_by=who,
        greeting_seconds=_GREETING_SECONDS[who],
    )


def _who_of(given: object, outcome: str) -> str:
    who = choice_of(given, "answered_by", _WHO)
    if outcome not in (ANSWERED, MACHINE) or (outcome == MACHINE) != (who in MACHINE_ENDS):
        raise OrderError(f"answered_by {who} does not go with outcome {outcome}")
    return who


def read_script(body: object, ending: str, settings: Settings) -> Script:
    """The script a control request asks for; what it leaves out is as by default for a number with that ending."""
    given = fields_of(body, _FIELDS)
    outcome = choice_of(given.get("outcome", OUTCOME_BY_ENDING.get(ending, ANSWERED)), "outcome", OUTCOMES)
    script = _by_default(outcome, settings)
    if "answered_by" in given:
        who = _who_of(given["answered_by"], outcome)
        script = replace(script, answered_by=who, greeting_seconds=_GREETING_SECONDS.get(who, 0.0))
    if "ring_seconds" in given:
        script = replace(script, ring_seconds=seconds_of(given["ring_seconds"], "ring_seconds"))
    if "greeting_seconds" in given:
        script = replace(script, greeting_seconds=seconds_of(given["greeting_seconds"], "greeting_seconds"))
    if "talk_seconds" in given:
        talk = given["talk_seconds"]
        script = replace(script, talk_seconds=None if talk is None else seconds_of(talk, "talk_seconds"))
    if "digits" in given:
        script = replace(script, digits=text_of(given["digits"], "digits", DIGITS))
    if "sip_response_code" in given:
        code = whole_of(given["sip_response_code"], "sip_response_code", *SIP_RESPONSE_CODE_RANGE)
        script = replace(script, sip_response_code=code)
    if "rings" in given:
        script = replace(script, rings=flag_of(given["rings"], "rings"))
        if not script.rings and outcome not in UNREACHED:
            raise OrderError(f"a call with outcome {outcome} rings before")
    return script


@dataclass(slots=True)
class NumberBook:
    """Which script each number follows."""

    settings: Settings
    scripts: dict[str, Script] = field(default_factory=dict)

    def order(self, number: str, body: object) -> Script:
        """The number follows the script of a control request from now on. Raises OrderError."""
        self.scripts[number] = read_script(body, number[-4:], self.settings)
        return self.scripts[number]

    def script_for(self, number: str) -> Script:
        """The script the next call to this number follows; nobody's order: by its last four digits."""
        return self.scripts.get(number) or _by_default(OUTCOME_BY_ENDING.get(number[-4:], ANSWERED), self.settings)
