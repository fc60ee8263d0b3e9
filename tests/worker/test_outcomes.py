"""What came of a request, on record: for its call, its campaign, the account, and nobody else."""

from dataclasses import replace

import pytest

from schemas import keys
from schemas.records import CallRecord
from schemas.states import CallState
from tests.scripts.conftest import Store
from worker.outcomes import Deferred, News, Outcome, Placed, Refused, Unknown
from worker.placing import GIVE_UP_AFTER_SECONDS, Dialled, settle
from worker.settings import Settings
from worker.twilio_errors import ErrorClass

LATER = Deferred("Twilio takes no more requests for now (429)")


def _refused(error_class: ErrorClass) -> Refused:
    return Refused(20001, "No.", error_class)


def _record(store: Store, call: str) -> CallRecord:
    return CallRecord.read(call, store.task(call))


def _dialling_again(store: Store) -> CallRecord:
    """A call that is dialled for the second time; returns its record as the first attempt had it."""
    call = store.dialling()
    first = _record(store, call)
    store.ledger.settle(call, CallState.WAITING)
    assert store.ledger.admit(50) == [call]
    store.pass_time(1)
    store.ledger.begin(call, "second attempt")
    assert store.state(call) == CallState.DIALLING
    return first


@pytest.mark.parametrize(
    "outcome", [LATER, _refused(ErrorClass.NUMBER), Unknown("No answer from Twilio")], ids=lambda o: type(o).__name__
)
def test_what_came_of_an_older_attempt_says_nothing_about_the_present_one(
    store: Store, settings: Settings, outcome: Outcome
) -> None:
    first = _dialling_again(store)

    assert settle(store.ledger, settings, first, Dialled(outcome, None)).verdict == "moved"
    assert store.state(first.id) == CallState.DIALLING


def test_that_an_older_attempt_placed_the_call_is_kept(store: Store, settings: Settings) -> None:
    first = _dialling_again(store)

    settle(store.ledger, settings, first, Dialled(Placed("CA1", "queued"), None))
    assert store.state(first.id) == CallState.PLACED


@pytest.mark.parametrize("outcome", [Placed("CA1", "queued"), _refused(ErrorClass.NUMBER)], ids=["placed", "refused"])
def test_a_request_that_arrived_late_counts_for_the_pace_when_it_arrived(
    store: Store, settings: Settings, outcome: Outcome
) -> None:
    call = store.dialling()
    planned_us = int(store.task(call)["leaves_us"])
    settle(store.ledger, settings, _record(store, call), Dialled(outcome, 0.04))

    assert store.score("left:account", f"{call}:1") == planned_us + 40_000


@pytest.mark.parametrize(
    ("error_class", "halts", "stops"),
    [
        (ErrorClass.ACCOUNT, True, True),
        (ErrorClass.CALLER, False, True),
        (ErrorClass.NUMBER, False, False),
    ],
)
def test_a_refusal_stops_what_it_is_about_and_nothing_else(
    store: Store, settings: Settings, error_class: ErrorClass, halts: bool, stops: bool
) -> None:
    campaign = store.campaign("+12025550100", "+12025550101")
    (call,) = store.ledger.admit(50)
    store.ledger.begin(call, "attempt")
    settle(store.ledger, settings, _record(store, call), Dialled(_refused(error_class), None))

    assert store.state(call) == CallState.REJECTED
    assert bool(store.redis.exists(keys.PREFIX + "halt")) is halts
    assert (store.state(campaign) == "stopped") is stops


@pytest.mark.parametrize("error_class", [ErrorClass.ACCOUNT, ErrorClass.CALLER])
def test_a_refused_call_of_no_campaign_stops_none(store: Store, settings: Settings, error_class: ErrorClass) -> None:
    call = store.dialling()

    assert (
        settle(store.ledger, settings, _record(store, call), Dialled(_refused(error_class), None)).state == "rejected"
    )


def test_what_twilio_does_not_take_for_a_day_is_given_up(store: Store, settings: Settings) -> None:
    call = _record(store, store.dialling())
    began_ms = call.dialled_ms - GIVE_UP_AFTER_SECONDS * 1000

    assert settle(store.ledger, settings, call._replace(first_dialled_ms=began_ms - 1), Dialled(LATER, None)).state == (
        CallState.REJECTED
    )
    assert store.task(call.id)["error"].startswith("Twilio did not take the call for a day: ")


def test_what_twilio_did_not_take_yet_waits_on(store: Store, settings: Settings) -> None:
    call = _record(store, store.dialling())
    began_ms = call.dialled_ms - GIVE_UP_AFTER_SECONDS * 1000

    assert settle(store.ledger, settings, call._replace(first_dialled_ms=began_ms), Dialled(LATER, None)).state == (
        CallState.WAITING
    )


@pytest.mark.parametrize(
    ("tries", "retry_after_seconds", "pause_seconds"),
    [(1, None, 0.5), (2, None, 1), (4, None, 4), (7, None, 30), (5000, None, 30), (4, 7, 7), (9, 0, 0)],
)
def test_the_account_pauses_as_long_as_twilio_says_else_ever_longer_up_to_half_a_minute(
    store: Store, settings: Settings, tries: int, retry_after_seconds: float | None, pause_seconds: float
) -> None:
    call = store.dialling()
    store.redis.hset(keys.task(call), "tries", tries)
    later = Deferred("429", retry_after_seconds)
    settle(store.ledger, settings, _record(store, call), Dialled(later, None))

    paused_us = int(store.redis.hget(keys.PREFIX + "pace:account", "paused_us") or 0)
    left_seconds = max(0, paused_us / 1e6 - store.now_ms() / 1e3)
    assert left_seconds == pytest.approx(pause_seconds, abs=0.3)


@pytest.mark.parametrize(("public_base_url", "seconds"), [("", 2), ("https://calls.example", 60)])
def test_a_placed_call_is_looked_at_soon_unless_twilio_tells_of_it_itself(
    store: Store, settings: Settings, public_base_url: str, seconds: float
) -> None:
    call = store.dialling()
    reached = replace(settings, public_base_url=public_base_url)
    settle(store.ledger, reached, _record(store, call), Dialled(Placed("CA1", "queued"), None))

    assert (store.score("checks", call) or 0) - store.now_ms() == pytest.approx(seconds * 1000, abs=500)


@pytest.mark.parametrize("call_status", ["completed", "busy", "failed", "no-answer", "canceled"])
def test_twilios_five_last_statuses_end_a_call(call_status: str) -> None:
    assert News("CA1", call_status).final


@pytest.mark.parametrize("call_status", ["queued", "initiated", "ringing", "in-progress", "unknown"])
def test_no_other_status_does(call_status: str) -> None:
    assert not News("CA1", call_status).final


def test_what_twilio_does_not_tell_overwrites_nothing() -> None:
    assert News("CA1", "ringing", started_ms=5).fields() == {"call_status": "ringing", "started_ms": "5"}


def test_a_refusal_without_a_code_shows_none() -> None:
    assert Refused(None, "Given up.", ErrorClass.NUMBER).sentence == "Given up."
