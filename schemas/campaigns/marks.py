"""One byte for each row of a campaign: where its number stands."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from schemas.states import CallOutcome


class Mark(StrEnum):
    """As it stands in the campaign's string of marks; the names are the scripts' words."""

    WAITING = "w"  #: it never began, and has no record
    AGAIN = "r"  #: it waits, and has a record: put back, or between two attempts
    DISPATCHED = "d"  #: admitted; a message is on its way to a worker
    LIVE = "l"
    ANSWERED = "a"
    MACHINE = "m"
    BUSY = "b"
    NO_ANSWER = "n"
    FAILED = "f"
    CANCELLED = "c"
    HUNG_UP = "h"
    EXPIRED = "e"
    DO_NOT_CALL = "x"
    UNKNOWN = "u"


_M, _O = Mark, CallOutcome

OUTCOMES: Final[Mapping[Mark, CallOutcome]] = {
    _M.WAITING: _O.WAITING,
    _M.AGAIN: _O.WAITING,
    _M.DISPATCHED: _O.WAITING,
    **{mark: CallOutcome[mark.name] for mark in Mark if mark not in {_M.WAITING, _M.AGAIN, _M.DISPATCHED}},
}

#: Under which of the campaign's counts a row stands. Its place is taken from its admission on.
COUNT_OF_MARK: Final[Mapping[Mark, str]] = {
    _M.DISPATCHED: "live",
    _M.LIVE: "live",
    _M.ANSWERED: "completed",
    _M.MACHINE: "completed",
    _M.BUSY: "busy",
    _M.NO_ANSWER: "no_answer",
    _M.FAILED: "failed",
    _M.CANCELLED: "canceled",
    _M.HUNG_UP: "canceled",
    _M.EXPIRED: "canceled",
    _M.DO_NOT_CALL: "canceled",
    _M.UNKNOWN: "unknown",
}


def marks_of(outcome: CallOutcome) -> str:
    """All marks of one outcome."""
    return "".join(mark for mark, its in OUTCOMES.items() if its is outcome)
