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
    _S.WAITING: frozenset({_S.DISPATCHED, _S.CANCELLED}),
    _S.DISPATCHED: frozenset({_S.DIALLING, _S.WAITING, _S.CANCELLED}),
    _S.DIALLING: frozenset({_S.PLACED, _S.ENDED, _S.REJECTED, _S.WAITING, _S.CONFIRMING, _S.CANCELLED}),
    _S.CONFIRMING: frozenset({_S.PLACED, _S.ENDED, _S.UNKNOWN}),
    _S.PLACED: frozenset({_S.PLACED, _S.ENDED}),
    _S.UNKNOWN: frozenset({_S.PLACED, _S.ENDED}),
    _S.ENDED: frozenset(),
    _S.REJECTED: frozenset(),
    _S.CANCELLED: frozenset(),
}


def may_become(target: CallState) -> frozenset[CallState]:
    """States from which a call may change to `target`."""
    return frozenset(state for state, targets in TRANSITIONS.items() if target in targets)


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
