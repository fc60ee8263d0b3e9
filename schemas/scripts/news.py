"""news.lua and give_up.lua: what Twilio tells of a call that it has, and that it tells nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from schemas.lua.script import Script, Word, flat, ms
from schemas.scripts.outcome import Settlement, settlement


class Source(StrEnum):
    """How news came, which decides what it may change."""

    CALLBACK = "callback"  #: Twilio posted it, signed
    FETCH = "fetch"  #: Twilio was asked about the call's SID
    LIST = "list"  #: all that Twilio has was held against all that is in doubt
    GUESS = "guess"  #: Twilio was asked for calls between the same numbers


@dataclass(frozen=True, slots=True)
class Report:
    """What Twilio tells of a call."""

    source: Source
    sid: str
    fields: Mapping[str, str] = field(default_factory=dict)  #: of the call's record
    to: str = ""
    from_number: str = ""
    attempt_number: int = 1
    check_seconds: float = 0  #: when to look at the call next, unless it is over
    sequence: str = ""  #: Twilio's SequenceNumber
    body: str = ""  #: the form as Twilio posted it, to be passed on
    #: Of a guess: another request that left within so many seconds may have made the call as well.
    span_seconds: float = 0


def record_news(call_id: str, report: Report, retention_days: int) -> Script[Settlement]:
    """Records what Twilio tells of a call."""
    words: tuple[Word, ...] = (
        call_id,
        report.source,
        report.attempt_number,
        report.sid,
        report.to,
        report.from_number,
        ms(report.check_seconds),
        retention_days * 86_400_000,
        ms(report.span_seconds),
        report.sequence,
        report.body,
        *flat(report.fields),
    )
    return Script("news", words, settlement)


def give_up(call_id: str, tries: int, error: str, retention_days: int) -> Script[bool]:
    """It could not be learnt whether Twilio took the call; False if that is no question any more."""
    words = (call_id, tries, error, retention_days * 86_400_000)
    return Script("give_up", words, lambda answer: bool(answer == "1"))
