"""The states of a call, and which may follow which. The scripts refuse every other change."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class CallState(StrEnum):
    """Where one call stands on its way to Twilio and through it."""

    WAITING = "waiting"  #: due later, or held by a limit
    DISPATCHED = "dispatched"  #: admitted; a message is on its way to a worker
    DIALLING = "dialling"  #: the request to Twilio may have left
    CONFIRMING = "confirming"  #: nobody knows whether Twilio took it
    PLACED = "placed"  #: Twilio has it; `call_status` follows the call
    ENDED = "ended"  #: Twilio took it, and it is over
    REJECTED = "rejected"  #: Twilio refused it
    UNKNOWN = "unknown"  #: whether Twilio took it could not be learnt
    CANCELLED = "cancelled"  #: cancelled before Twilio had it


_S = CallState

TRANSITIONS: Final[Mapping[CallState, frozenset[CallState]]] = {
    _S.WAITING: frozenset({_S.DISPATCHED, _S.CONFIRMING, _S.CANCELLED}),
    _S.DISPATCHED: frozenset({_S.DIALLING, _S.WAITING, _S.CONFIRMING, _S.CANCELLED}),
    _S.DIALLING: frozenset({_S.PLACED, _S.ENDED, _S.REJECTED, _S.WAITING, _S.CONFIRMING, _S.CANCELLED}),
    _S.CONFIRMING: frozenset({_S.PLACED, _S.ENDED, _S.UNKNOWN, _S.REJECTED, _S.WAITING, _S.CANCELLED}),
    _S.PLACED: frozenset({_S.PLACED, _S.ENDED}),
    _S.UNKNOWN: frozenset({_S.PLACED, _S.ENDED}),
    _S.ENDED: frozenset(),
    _S.REJECTED: frozenset({_S.PLACED, _S.ENDED}),
    _S.CANCELLED: frozenset(),
}


#: States in which a call counts against the cap on live calls, and those that are its last unless Twilio corrects them.
LIVE_STATES: Final = frozenset({_S.DISPATCHED, _S.DIALLING, _S.CONFIRMING, _S.PLACED})
FINAL_STATES: Final = frozenset({_S.ENDED, _S.REJECTED, _S.UNKNOWN, _S.CANCELLED})


class CallOutcome(StrEnum):
    """One word for what became of a call."""

    WAITING = "waiting"
    LIVE = "live"  #: Twilio has it, or may have it
    ANSWERED = "answered"
    MACHINE = "machine"  #: answered by a machine or a fax
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    FAILED = "failed"  #: refused, failed, or Twilio's own `canceled`
    CANCELLED = "cancelled"  #: never dialled
    HUNG_UP = "hung_up"  #: by a cancel
    EXPIRED = "expired"  #: its time was over before it was dialled
    DO_NOT_CALL = "do_not_call"  #: its number is on the do-not-call list
    UNKNOWN = "unknown"


class CampaignState(StrEnum):
    """Where a bulk task stands."""

    ACTIVE = "active"  #: its numbers are being dialled, or wait
    FINISHED = "finished"  #: every number is settled
    CANCELLED = "cancelled"  #: cancelled by its client
    STOPPED = "stopped"  #: stopped by an error of the account


class TaskStatus(StrEnum):
    """The words of task-status."""

    PENDING = "PENDING"
    PROGRESS = "PROGRESS"
    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"
    REVOKED = "REVOKED"
