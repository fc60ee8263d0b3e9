"""Handing one call to Twilio: once, at its slot, with the outcome on record."""

import time
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

import structlog
from redis.exceptions import RedisError

from schemas.masking import mask_numbers
from schemas.records import VERSION, CallRecord
from schemas.states import CallState
from worker.context import Context
from worker.departure import Departure
from worker.following import first_check_seconds
from worker.ledger import Ledger
from worker.metrics import LATENESS, count_settled
from worker.outcomes import Deferred, Outcome, Placed, Refused, Unknown
from worker.settings import Settings
from worker.twilio_errors import ErrorClass
from worker.verdicts import Go, Gone, Newer, Permission, Settlement, Wait

log = structlog.get_logger("worker.placing")

#: A worker holds a slot only for so long; a call that has longer to wait goes back in line.
MOST_WAIT_SECONDS: Final = 2.5
_MOST_WAITS: Final = 20

#: After a failover a call whose mark had not reached the new primary would be dialled again; so it does not leave.
NOT_CONFIRMED: Final = Deferred(
    "Redis's replicas did not confirm that the call is being dialled", retry_after_seconds=1
)

#: Twilio itself keeps a queued call for 24 hours; what it did not take in that time, it will not take.
GIVE_UP_AFTER_SECONDS: Final = 24 * 3600

_FIRST_PAUSE_SECONDS: Final = 0.5
_MOST_PAUSE_SECONDS: Final = 30.0

#: How long a worker tries to reach Redis when only it knows whether a request left, and what came of it. The call is
#: looked up otherwise.
_SETTLE_SECONDS: Final = 20.0


@dataclass(frozen=True, slots=True)
class Dialled:
    """What came of a request, and how much later than planned it can have reached Twilio, if that is known."""

    outcome: Outcome
    late_seconds: float | None


def place(process: Context, call_id: str) -> Outcome | None:
    """Places the call unless somebody else does; None if there was nothing to do."""
    ledger = process.ledger
    attempt = uuid4().hex
    process.telephone.warm_up()
    asked = time.monotonic()
    permission = _ask(ledger, call_id, attempt)
    waits = 0
    while isinstance(permission, Wait):
        waits += 1
        log.debug("call_waits_for_its_slot", seconds=permission.seconds)
        if permission.seconds > MOST_WAIT_SECONDS or waits > _MOST_WAITS:
            ledger.settle(call_id, CallState.WAITING, origins=frozenset({CallState.DISPATCHED}))
            return None
        time.sleep(permission.seconds)
        asked = time.monotonic()
        permission = _ask(ledger, call_id, attempt)
    if isinstance(permission, Gone):
        log.info("call_moved_on", state=permission.state)
        return None
    if isinstance(permission, Newer):
        log.error("record_left_alone", version=permission.version, known=VERSION)
        return None
    dialled = _dial(process, permission, Departure(asked, time.monotonic(), permission.leaves_in_seconds))
    outcome = dialled.outcome
    count_settled(outcome)
    settlement = _settle_surely(process, permission.call, dialled)
    log.info("call_" + type(outcome).__name__.lower(), state=settlement.state, outcome=_told(outcome))
    return outcome


def _ask(ledger: Ledger, call_id: str, attempt: str) -> Permission:
    """Asks for permission until Redis answers: it may have been given without being heard, and then only we know."""
    deadline = time.monotonic() + _SETTLE_SECONDS
    while True:
        try:
            return ledger.begin(call_id, attempt)
        except RedisError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.25)


def _dial(process: Context, permission: Go, departure: Departure) -> Dialled:
    if not permission.confirmed:
        return Dialled(NOT_CONFIRMED, late_seconds=None)
    outcome = process.telephone.place(permission.call, departure)
    if departure.left is not None:
        LATENESS.observe(permission.late_seconds + departure.late_seconds(departure.left))
    return Dialled(outcome, process.arrivals.late_seconds(departure))


def _told(outcome: Outcome) -> str:
    match outcome:
        case Placed(sid):
            return sid
        case Refused(code):
            return f"error {code}"  # Twilio's sentence holds the number
    return mask_numbers(outcome.reason)


def _settle_surely(process: Context, call: CallRecord, dialled: Dialled) -> Settlement:
    deadline = time.monotonic() + _SETTLE_SECONDS
    while True:
        try:
            settlement = settle(process.ledger, process.settings, call, dialled)
            if settlement.confirmed or time.monotonic() > deadline:
                return settlement
        except RedisError:
            if time.monotonic() > deadline:
                raise
        time.sleep(0.25)


def settle(ledger: Ledger, settings: Settings, call: CallRecord, dialled: Dialled) -> Settlement:
    """Records the outcome of a request."""
    outcome = dialled.outcome
    if isinstance(outcome, Deferred) and _is_hopeless(call):
        outcome = Refused(None, f"Twilio did not take the call for a day: {outcome.reason}", ErrorClass.NUMBER)
    match outcome:
        case Placed(sid, call_status):
            return ledger.settle(
                call.id,
                CallState.PLACED,
                {"call_status": call_status},
                sid=sid,
                check_seconds=first_check_seconds(settings),
                late_seconds=dialled.late_seconds,
            )
        case Deferred():
            pause_seconds = _pause_seconds(call, outcome)
            return ledger.settle(call.id, CallState.WAITING, pause_seconds=pause_seconds, attempt=call.tries)
        case Refused():
            return _refuse(ledger, call, outcome, dialled.late_seconds)
        case Unknown(reason):
            return ledger.settle(call.id, CallState.CONFIRMING, {"doubt": reason}, attempt=call.tries)


def _refuse(ledger: Ledger, call: CallRecord, refusal: Refused, late_seconds: float | None) -> Settlement:
    if refusal.error_class is ErrorClass.ACCOUNT:
        ledger.halt(refusal.sentence)
    if refusal.error_class in {ErrorClass.ACCOUNT, ErrorClass.CALLER} and call.campaign_id:
        ledger.stop_campaign(call.campaign_id, refusal.sentence)
    error = {"error": refusal.sentence}
    return ledger.settle(call.id, CallState.REJECTED, error, attempt=call.tries, late_seconds=late_seconds)


def _is_hopeless(call: CallRecord) -> bool:
    return call.dialled_ms - call.first_dialled_ms > GIVE_UP_AFTER_SECONDS * 1000


def _pause_seconds(call: CallRecord, outcome: Deferred) -> float:
    if outcome.retry_after_seconds is not None:
        return outcome.retry_after_seconds
    return float(min(_MOST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * 2 ** min(call.tries - 1, 10)))
