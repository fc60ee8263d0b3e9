"""Following calls that Twilio has, and finding out about those that it may have. One rule a state."""

from typing import Final

import structlog

from schemas.records import CallRecord
from schemas.states import CallState
from worker.ledger import Ledger
from worker.metrics import RESCUED, UNKNOWN
from worker.outcomes import News
from worker.settings import Settings
from worker.telephone import Telephone

log = structlog.get_logger("worker.following")

#: Without callbacks, a call is fetched after these seconds, then less and less often.
FIRST_FETCH_SECONDS: Final = 2.0
MOST_FETCH_SECONDS: Final = 10.0

#: Gaps between two look-ups of a call in doubt: as long as the doubt has lasted, within these bounds.
_LEAST_GAP_SECONDS: Final = 0.5
_MOST_GAP_SECONDS: Final = 15.0

#: Twilio's clock and ours may differ by this much when a found call is matched with a request.
_CLOCK_DIFFERENCE_MS: Final = 10_000

#: Twilio ends calls after 24 hours at the latest, and cancels what it queued longer.
_LONGEST_CALL_MS: Final = 49 * 3600 * 1000

OUTCOME_UNKNOWN: Final = "Outcome unknown: {}; the call was not found at Twilio and will not be repeated"


def first_check_seconds(settings: Settings) -> float:
    """When a call that was just placed is fetched for the first time."""
    return settings.reconcile_after_seconds if settings.public_base_url else FIRST_FETCH_SECONDS


def check(ledger: Ledger, telephone: Telephone, settings: Settings, call: CallRecord, now_ms: int) -> None:
    """Looks at a call that is due for it."""
    match call.state:
        case CallState.DISPATCHED:
            log.warning("message_lost")
            ledger.settle(call.id, CallState.WAITING, origins=frozenset({CallState.DISPATCHED}))
            RESCUED.labels(call.state).inc()
        case CallState.DIALLING:
            log.warning("worker_lost")
            ledger.settle(call.id, CallState.CONFIRMING, {"doubt": "The worker ended while it was dialling"})
            RESCUED.labels(call.state).inc()
        case CallState.CONFIRMING:
            _confirm(ledger, telephone, settings, call, now_ms)
        case CallState.PLACED:
            _follow(ledger, telephone, settings, call, now_ms)


def probe_account(ledger: Ledger, telephone: Telephone) -> None:
    """Finds out whether a halted account is taken again."""
    accepted = telephone.accepts_us()
    log.warning("account_probed", accepted=accepted)
    ledger.probed(accepted=accepted)


def _confirm(ledger: Ledger, telephone: Telephone, settings: Settings, call: CallRecord, now_ms: int) -> None:
    for news in _candidates(telephone.find(call), call):
        state = CallState.ENDED if news.final else CallState.PLACED
        check_seconds = first_check_seconds(settings)
        settlement = ledger.settle(call.id, state, news.fields(), sid=news.sid, check_seconds=check_seconds)
        if settlement.verdict != "taken":
            log.info("call_found", state=settlement.state)
            RESCUED.labels(call.state).inc()
            return
    doubt_seconds = (now_ms - call.since_ms) / 1000
    if doubt_seconds >= 2 * settings.reconcile_after_seconds:
        error = OUTCOME_UNKNOWN.format(call.doubt or "no answer from Twilio")
        log.error("call_unknown")
        ledger.settle(call.id, CallState.UNKNOWN, {"error": error, "call_status": "unknown"})
        UNKNOWN.inc()
        return
    left_seconds = 2 * settings.reconcile_after_seconds - doubt_seconds
    gap_seconds = min(max(doubt_seconds, _LEAST_GAP_SECONDS), _MOST_GAP_SECONDS, left_seconds)
    ledger.look_again(call, gap_seconds)


def _candidates(found: list[News] | None, call: CallRecord) -> list[News]:
    """Oldest first: the calls that our request can have created."""
    since_ms = call.dialled_ms - _CLOCK_DIFFERENCE_MS
    fitting = [news for news in found or [] if news.created_ms is None or news.created_ms >= since_ms]
    return fitting[::-1]


def _follow(ledger: Ledger, telephone: Telephone, settings: Settings, call: CallRecord, now_ms: int) -> None:
    sid = str(call.sid)
    if call.hang_up and not telephone.hang_up(sid, call.call_status):
        ledger.look_again(call, 1)
        return
    news = telephone.fetch(sid)
    age_ms = now_ms - call.dialled_ms
    not_there = news is not None and news.call_status == "unknown"
    if age_ms > _LONGEST_CALL_MS or (not_there and age_ms > settings.reconcile_after_seconds * 1000):
        ledger.settle(call.id, CallState.ENDED, {"call_status": "unknown"})
    elif news is None or not_there:  # what was just created may not be found yet: reads are eventually consistent
        ledger.look_again(call, MOST_FETCH_SECONDS)
    elif news.final:
        ledger.settle(call.id, CallState.ENDED, news.fields())
    else:
        ledger.settle(
            call.id,
            CallState.PLACED,
            news.fields(),
            check_seconds=_next_fetch_seconds(settings, age_ms),
        )


def _next_fetch_seconds(settings: Settings, age_ms: int) -> float:
    if settings.public_base_url:
        return settings.reconcile_after_seconds
    return min(max(age_ms / 1000, FIRST_FETCH_SECONDS), MOST_FETCH_SECONDS)
