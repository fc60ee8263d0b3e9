"""Handing one call to Twilio: once, at its slot, with the outcome on record."""

import time
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

import structlog
from redis.exceptions import RedisError

from runtime.masking import mask_number, mask_numbers
from schemas.records import VERSION, CallRecord
from schemas.scripts.begin import Barred, Capped, Go, Gone, Newer, Permission, Wait
from schemas.scripts.outcome import Request, Result, Settlement, in_doubt, later, placed, refused
from worker.calls.following import first_check_seconds
from worker.context import Context
from worker.ledger import Ledger
from worker.metrics import LATENESS, SETTLED
from worker.settings import Settings
from worker.twilio.departure import Departure
from worker.twilio.outcomes import Deferred, Outcome, Placed, Refused, Unknown

log = structlog.get_logger("worker.calls.placing")

#: A worker holds a slot only for so long; a call that has longer to wait goes back in line.
MOST_WAIT_SECONDS: Final = 2.5
_MOST_WAITS: Final = 20

#: After a failover a call whose mark had not reached the new primary would be dialled again; so it does not leave.
NOT_REPLICATED: Final = Deferred(
    "Redis's replicas did not confirm that the call is being dialled", retry_after_seconds=1
)

#: While no connection can be made, one is tried this often.
UNREACHED_PAUSE_SECONDS: Final = 2.0

#: How long a worker tries to reach Redis when only it knows whether a request left, and what came of it. The call is
#: looked up otherwise.
_SETTLE_SECONDS: Final = 20.0


@dataclass(frozen=True, slots=True)
class Dialled:
    """What came of a request, and how much later than planned it can have reached Twilio, if that is known."""

    outcome: Outcome
    late_seconds: float | None


@dataclass(frozen=True, slots=True)
class Placing:
    """One call that was handed to Twilio, and what came of that."""

    call: CallRecord
    outcome: Outcome

    @property
    def told(self) -> str:
        """For whoever looks on: the number masked, what became of the call, and its SID, or why not."""
        return f"{mask_number(self.call.to)} {_word(self.outcome)}: {_told(self.outcome)}"


def place(process: Context, call_id: str) -> Placing | None:
    """Places the call unless somebody else does; None if there was nothing to do."""
    ledger = process.ledger
    claim = uuid4().hex
    if unreached := process.telephone.stand():
        log.warning("twilio_not_reached", reason=unreached.reason)
        ledger.put_back(call_id, UNREACHED_PAUSE_SECONDS)
        return None
    asked = time.monotonic()
    permission = _ask(process, call_id, claim)
    waits = 0
    while isinstance(permission, Wait):
        waits += 1
        log.debug("call_waits_for_its_slot", seconds=permission.seconds)
        if permission.seconds > MOST_WAIT_SECONDS or waits > _MOST_WAITS:
            ledger.put_back(call_id)
            return None
        time.sleep(permission.seconds)
        asked = time.monotonic()
        permission = _ask(process, call_id, claim)
    if not isinstance(permission, Go):
        _leave(ledger, call_id, permission)
        return None
    dialled = _dial(process, permission, Departure(asked, time.monotonic(), permission.leaves_in_seconds))
    outcome = dialled.outcome
    _count(outcome)
    settlement = _settle_surely(process, permission.call, dialled)
    log.info("call_" + _word(outcome), state=settlement.state, outcome=_told(outcome))
    if isinstance(outcome, Placed) and outcome.queue_seconds:
        log.warning("twilio_queues", seconds=outcome.queue_seconds, remedy="let CALLS_PER_SECOND be the account's pace")
    return Placing(permission.call, outcome)


def _leave(ledger: Ledger, call_id: str, refusal: Gone | Barred | Capped | Newer) -> None:
    """The call is not dialled, at least not now."""
    match refusal:
        case Gone(state):
            log.info("call_moved_on", state=state)
        case Barred():
            log.info("call_barred", cancelled=ledger.bar(call_id))
        case Capped():
            log.info("call_capped", waits=ledger.cap(call_id))
        case Newer(version):
            log.error("record_left_alone", version=version, known=VERSION)


def _ask(process: Context, call_id: str, claim: str) -> Permission:
    """Asks for permission until Redis answers: it may have been given without being heard, and then only we know."""
    deadline = time.monotonic() + _SETTLE_SECONDS
    while True:
        try:
            return process.ledger.begin(call_id, claim, process.telephone.round_trips.way_seconds)
        except RedisError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.25)


def _dial(process: Context, permission: Go, departure: Departure) -> Dialled:
    if not permission.replicated:
        return Dialled(NOT_REPLICATED, late_seconds=None)
    outcome = process.telephone.place(permission.call, departure)
    late_seconds = departure.late_seconds
    if late_seconds is not None:
        LATENESS.observe(permission.late_seconds + late_seconds)
    return Dialled(outcome, late_seconds)


def _count(outcome: Outcome) -> None:
    """Counts what became of one attempt."""
    match outcome:
        case Placed():
            labels = "placed", "none"
        case Deferred():
            labels = "deferred", "later"
        case Refused():
            labels = "refused", outcome.about
        case Unknown():
            labels = "in_doubt", "none"
    SETTLED.labels(*labels).inc()


def _word(outcome: Outcome) -> str:
    return type(outcome).__name__.lower()


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
            if settlement.replicated or time.monotonic() > deadline:
                return settlement
        except RedisError:
            if time.monotonic() > deadline:
                raise
        time.sleep(0.25)


def settle(ledger: Ledger, settings: Settings, call: CallRecord, dialled: Dialled) -> Settlement:
    """Records what came of a request."""
    request = Request(call.id, call.tries, dialled.late_seconds)
    return ledger.record_outcome(request, _result(dialled.outcome, settings))


def _result(outcome: Outcome, settings: Settings) -> Result:
    match outcome:
        case Placed(sid, call_status, queue_seconds):
            return placed(sid, call_status, first_check_seconds(settings), queue_seconds)
        case Deferred():
            return later(outcome.retry_after_seconds, by_twilio=outcome.by_twilio)
        case Refused():
            return refused(outcome.about, outcome.sentence, by_twilio=outcome.code is not None)
        case Unknown(reason):
            return in_doubt(reason)
