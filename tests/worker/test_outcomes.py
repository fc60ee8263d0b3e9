"""What came of a request, on record: for its call, its campaign, the account, and nobody else."""

from dataclasses import replace

import pytest

from schemas import keys
from schemas.records import CallRecord
from schemas.scripts.outcome import later
from schemas.states import CallState
from tests.scripts.conftest import Store
from worker.calls.placing import Dialled, settle
from worker.settings import Settings
from worker.twilio.outcomes import Deferred, News, Outcome, Placed, Refused, Unknown
from worker.twilio.refusals import About

LATER = Deferred("Twilio takes no more requests for now (429)")


def _refused(whom: About) -> Refused:
    return Refused(20001, "No.", whom)


def _record(store: Store, call: str) -> CallRecord:
    return CallRecord.read(call, store.task(call))


def _dialling_again(store: Store) -> CallRecord:
    """A call that is dialled for the second time; returns its record as the first attempt had it."""
    call = store.dialling()
    first = _record(store, call)
    store.outcome(call, later(0))
    assert store.ledger.admit(50) == [call]
    store.pass_time(1)
    store.ledger.begin(call, "second attempt")
    assert store.state(call) == CallState.DIALLING
    return first


@pytest.mark.parametrize(
    "outcome",
    [Placed("CA1", "queued"), LATER, _refused(About.NUMBER), Unknown("No answer from Twilio")],
    ids=lambda o: type(o).__name__,
)
def test_what_came_of_an_older_attempt_says_nothing_about_the_present_one(
    store: Store, settings: Settings, outcome: Outcome
) -> None:
    first = _dialling_again(store)

    assert settle(store.ledger, settings, first, Dialled(outcome, None)).verdict == "moved"
    assert store.state(first.id) == CallState.DIALLING


@pytest.mark.parametrize("outcome", [Placed("CA1", "queued"), _refused(About.NUMBER)], ids=["placed", "refused"])
def test_a_request_that_arrived_late_counts_for_the_pace_when_it_arrived(
    store: Store, settings: Settings, outcome: Outcome
) -> None:
    call = store.dialling()
    planned_us = int(store.task(call)["leaves_us"])
    settle(store.ledger, settings, _record(store, call), Dialled(outcome, 0.04))

    assert store.score("left:account", f"{call}:1") == planned_us + 40_000


@pytest.mark.parametrize("from_given", [False, True])
@pytest.mark.parametrize(
    ("refusal", "state", "holds", "pauses"),
    [
        (_refused(About.NUMBER), "rejected", False, False),
        (_refused(About.CALLER_ID), "depends", True, True),
        (_refused(About.ACCOUNT), "waiting", True, False),
        (Refused(None, "Not Twilio answered 407", About.ACCOUNT), "waiting", True, False),
        (_refused(About.AMBIGUOUS), "waiting", False, False),
        (LATER, "waiting", False, False),
        (Unknown("No answer from Twilio"), "confirming", False, False),
    ],
    ids=["number", "caller id", "account", "not Twilio's", "ambiguous", "later", "unknown"],
)
def test_a_refusal_stops_what_it_is_about_and_nothing_else(
    store: Store, settings: Settings, refusal: Outcome, state: str, holds: bool, pauses: bool, from_given: bool
) -> None:
    campaign = store.campaign("+12025550100", "+12025550101")
    store.redis.hset(keys.task(campaign), "from_given", int(from_given))
    (call,) = store.ledger.admit(50)
    store.ledger.begin(call, "attempt")
    settle(store.ledger, settings, _record(store, call), Dialled(refusal, None))

    if state == "depends":  # on whose caller id it is
        state, holds, pauses = ("rejected", False, True) if from_given else ("waiting", True, False)
    assert store.state(call) == state
    assert bool(store.redis.exists(keys.PREFIX + "hold")) is holds
    assert (store.task(campaign).get("paused") == "1") is pauses
    assert store.state(campaign) == "active"


@pytest.mark.parametrize("whom", [About.ACCOUNT, About.CALLER_ID])
def test_a_call_that_was_refused_for_what_is_ours_waits_and_is_not_lost(
    store: Store, settings: Settings, whom: About
) -> None:
    call = store.dialling()

    assert settle(store.ledger, settings, _record(store, call), Dialled(_refused(whom), None)).state == "waiting"


def test_what_twilio_does_not_take_for_days_waits_on(store: Store, settings: Settings) -> None:
    call = _record(store, store.dialling())
    began_ms = call.dialled_ms - 7 * 86_400_000

    assert settle(store.ledger, settings, call._replace(first_dialled_ms=began_ms), Dialled(LATER, None)).state == (
        CallState.WAITING
    )


@pytest.mark.parametrize(
    ("put_off", "retry_after_seconds", "pause_seconds"),
    [(0, None, 1), (1, None, 2), (3, None, 8), (5, None, 30), (4999, None, 30), (3, 7, 7), (8, 0, 0)],
)
def test_the_account_pauses_as_long_as_twilio_says_else_ever_longer_up_to_half_a_minute(
    store: Store, settings: Settings, put_off: int, retry_after_seconds: float | None, pause_seconds: float
) -> None:
    call = store.dialling()
    store.redis.hset(keys.task(call), "put_off", put_off)
    before_ms = store.now_ms()
    settle(store.ledger, settings, _record(store, call), Dialled(Deferred("429", retry_after_seconds), None))

    paused_us = store.redis.hget(keys.PREFIX + "pace:account", "paused_us")
    assert (paused_us is None) == (pause_seconds == 0)
    assert paused_us is None or store.lies_after(int(paused_us) / 1000, pause_seconds, before_ms)


@pytest.mark.parametrize("own", [True, False])
def test_twilios_own_429_ends_a_row_of_unknown_outcomes_and_a_gateways_does_not(
    store: Store, settings: Settings, own: bool
) -> None:
    for number in ("+12025550001", "+12025550002", "+12025550003", "+12025550004"):
        call = store.dialling(number)
        outcome = Deferred("429", 0, own) if number.endswith("3") else Unknown("502")
        settle(store.ledger, settings, _record(store, call), Dialled(outcome, None))
        store.cancel(call)
        store.pass_time(0.2)

    assert store.redis.exists(keys.PREFIX + "hold") == (not own)


@pytest.mark.parametrize(("public_base_url", "seconds"), [("", 2), ("https://calls.example", 60)])
def test_a_placed_call_is_looked_at_soon_unless_twilio_tells_of_it_itself(
    store: Store, settings: Settings, public_base_url: str, seconds: float
) -> None:
    call = store.dialling()
    reached = replace(settings, public_base_url=public_base_url)
    before_ms = store.now_ms()
    settle(store.ledger, reached, _record(store, call), Dialled(Placed("CA1", "queued"), None))

    assert store.lies_after(store.score("checks", call), seconds, before_ms)


@pytest.mark.parametrize("call_status", ["completed", "busy", "failed", "no-answer", "canceled"])
def test_twilios_five_last_statuses_end_a_call(call_status: str) -> None:
    assert News("CA1", call_status).final


@pytest.mark.parametrize("call_status", ["queued", "initiated", "ringing", "in-progress", "unknown"])
def test_no_other_status_does(call_status: str) -> None:
    assert not News("CA1", call_status).final


def test_what_twilio_does_not_tell_overwrites_nothing() -> None:
    assert News("CA1", "ringing", started_ms=5).fields() == {"call_status": "ringing", "started_ms": "5"}


def test_a_refusal_without_a_code_shows_none() -> None:
    assert Refused(None, "Given up.", About.NUMBER).sentence == "Given up."
