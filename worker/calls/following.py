"""Following calls that Twilio has, and finding out about those that it may have. One rule a state."""

from collections.abc import Mapping
from typing import Final, assert_never

import structlog

from schemas.messages import task_of
from schemas.records import CallRecord
from schemas.scripts.news import Report, Source
from schemas.states import CallState
from worker.ledger import Ledger
from worker.metrics import RESCUED, UNKNOWN
from worker.settings import Settings
from worker.twilio.outcomes import News, NotFound, NotYet
from worker.twilio.telephone import Telephone

log = structlog.get_logger("worker.calls.following")

#: Without callbacks, a call is fetched after these seconds, then less and less often.
FIRST_FETCH_SECONDS: Final = 2.0
MOST_FETCH_SECONDS: Final = 10.0

#: Gaps between two look-ups of a call in doubt: as long as the doubt has lasted, within these bounds.
_LEAST_GAP_SECONDS: Final = 0.5
_MOST_GAP_SECONDS: Final = 15.0
#: The most when the time for it is over, but no look-up was ever answered.
_MOST_GAP_UNANSWERED_SECONDS: Final = 60.0

#: Twilio's clock and ours, as far as its answers tell the difference, may differ by this much more.
_CLOCK_DIFFERENCE_MS: Final = 10_000

#: A request may still create a call for so long after its time is over, the difference of the clocks included.
_CREATED_LATE_MS: Final = 30_000

#: A call that was just created may not be found yet: to hang it up is tried thrice in this time.
_FRESH_MS: Final = 30_000
_FRESH_GAP_SECONDS: Final = 12.0

#: Twilio ends calls after 24 hours at the latest, and cancels what it queued longer.
_LONGEST_CALL_MS: Final = 49 * 3600 * 1000

#: What brings a call into a state that has nothing to be looked at takes its check away; one that was left may wait.
_NOTHING_SEEN_SECONDS: Final = 86_400

#: A request that left may create a call until its time is over and Twilio's own clocks and lists have caught up.
_SETTLED_SECONDS: Final = 60.0

NOT_FOUND: Final = "the call was not found at Twilio"
NOT_TOLD_APART: Final = "Twilio has a call to this number, which another request may have made just as well"
OUTCOME_UNKNOWN: Final = "Outcome unknown: {}; {} and will not be repeated"


def first_check_seconds(settings: Settings) -> float:
    """When a call that was just placed is fetched for the first time."""
    return settings.reconcile_after_seconds if settings.public_base_url else FIRST_FETCH_SECONDS


def check(ledger: Ledger, telephone: Telephone, settings: Settings, call: CallRecord, now_ms: int) -> None:
    """Looks at a call that is due for it."""
    match call.state:
        case CallState.CONFIRMING:
            _confirm(ledger, telephone, settings, call, now_ms)
        case CallState.PLACED:
            _follow(ledger, telephone, settings, call, now_ms)
        case CallState.DISPATCHED | CallState.DIALLING:  # its own rescue puts it back
            ledger.look_again(call, settings.timeout_seconds)
        case CallState.WAITING | CallState.ENDED | CallState.REJECTED | CallState.UNKNOWN | CallState.CANCELLED:
            log.warning("nothing_to_look_at", state=call.state)
            ledger.look_again(call, _NOTHING_SEEN_SECONDS)
        case _:
            assert_never(call.state)


def note_rescued(rescued: Mapping[str, str]) -> None:
    """Counts and logs calls that were put back, by the state that each was stuck in."""
    for call_id, state in rescued.items():
        event = "message_lost" if state == CallState.DISPATCHED else "worker_lost"
        log.warning(event, call_id=call_id, request_id=task_of(call_id))
        RESCUED.labels(state).inc()


def probe_account(ledger: Ledger, telephone: Telephone, probe: str) -> None:
    """Finds out by a read whether Twilio answers again, or takes the account again."""
    passed = telephone.accepts_us()
    log.warning("account_probed", passed=passed)
    ledger.probed(probe, passed=passed)


def _confirm(ledger: Ledger, telephone: Telephone, settings: Settings, call: CallRecord, now_ms: int) -> None:
    span_ms = round(settings.timeout_seconds * 1000) + _CREATED_LATE_MS
    found = telephone.find(call, call.dialled_ms - _CLOCK_DIFFERENCE_MS, call.dialled_ms + span_ms, ledger.now_ms)
    finding = NOT_FOUND
    for news in reversed(found or []):  # the oldest is the likeliest to be ours
        guess = _report(settings, call, news, Source.GUESS, (span_ms + _CLOCK_DIFFERENCE_MS) / 1000)
        settlement = ledger.record_news(call.id, guess)
        if settlement.verdict == "ambiguous":
            finding = NOT_TOLD_APART
        elif settlement.verdict != "taken":
            log.info("call_found", state=settlement.state)
            RESCUED.labels(call.state).inc()
            return
    left_seconds = _seconds_in_doubt(settings, call, now_ms)
    if found is not None and left_seconds <= 0:
        if ledger.give_up(call, OUTCOME_UNKNOWN.format(call.doubt or "no answer from Twilio", finding)):
            log.error("call_unknown", finding=finding)
            UNKNOWN.inc()
        return
    ledger.look_again(call, _next_look_up_seconds((now_ms - call.since_ms) / 1000, left_seconds))


def _seconds_in_doubt(settings: Settings, call: CallRecord, now_ms: int) -> float:
    """For how long a call that is not found may still turn up."""
    since_doubt = call.since_ms + 2000 * settings.reconcile_after_seconds
    since_leaving = call.dialled_ms + 1000 * (settings.timeout_seconds + _SETTLED_SECONDS)
    return (max(since_doubt, since_leaving) - now_ms) / 1000


def _next_look_up_seconds(doubt_seconds: float, left_seconds: float) -> float:
    if left_seconds <= 0:  # no look-up was answered yet
        return min(max(doubt_seconds, _LEAST_GAP_SECONDS), _MOST_GAP_UNANSWERED_SECONDS)
    return min(max(doubt_seconds, _LEAST_GAP_SECONDS), _MOST_GAP_SECONDS, left_seconds)


def _report(
    settings: Settings, call: CallRecord, news: News, source: Source, span_seconds: float = 0, check_seconds: float = 0
) -> Report:
    return Report(
        source,
        news.sid,
        news.fields(),
        to=call.to,
        from_number=call.from_number,
        attempt_number=call.attempt_number,
        check_seconds=check_seconds or first_check_seconds(settings),
        span_seconds=span_seconds,
    )


def _follow(ledger: Ledger, telephone: Telephone, settings: Settings, call: CallRecord, now_ms: int) -> None:
    sid = str(call.sid)
    age_ms = now_ms - call.dialled_ms
    if call.hang_up and age_ms <= _LONGEST_CALL_MS:
        told = telephone.hang_up(sid, call.call_status)
        fresh = isinstance(told, NotFound) and age_ms <= _FRESH_MS
        if fresh or isinstance(told, NotYet):
            asked_seconds = (now_ms - call.updated_ms) / 1000
            ledger.look_again(call, _FRESH_GAP_SECONDS if fresh else min(max(1, asked_seconds), MOST_FETCH_SECONDS))
            return
    news = telephone.fetch(sid)
    not_there = news is not None and news.call_status == "unknown"
    if age_ms > _LONGEST_CALL_MS or (not_there and age_ms > max(settings.reconcile_after_seconds * 1000, _FRESH_MS)):
        news = News(sid, "unknown")
    elif news is None or not_there:  # what was just created may not be found yet: reads are eventually consistent
        ledger.look_again(call, MOST_FETCH_SECONDS)
        return
    gap_seconds = _next_fetch_seconds(settings, age_ms)
    ledger.record_news(call.id, _report(settings, call, news, Source.FETCH, check_seconds=gap_seconds))


def _next_fetch_seconds(settings: Settings, age_ms: int) -> float:
    if settings.public_base_url:
        return settings.reconcile_after_seconds
    return min(max(age_ms / 1000, FIRST_FETCH_SECONDS), MOST_FETCH_SECONDS)
