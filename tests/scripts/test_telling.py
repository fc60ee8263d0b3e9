"""What a client is told that Twilio told nobody: each attempt's one end, and a campaign's."""

import json
from typing import Any

import pytest

from schemas import keys
from schemas.scripts.begin import Go
from schemas.scripts.news import Report, Source
from schemas.scripts.outcome import in_doubt, placed, refused
from tests.scripts.conftest import Store

URL = "https://client.example/news"


def told(store: Store, task: str) -> dict[str, Any]:
    """The events that wait for the task's client, by name, but for what they have in common."""
    events = store.redis.hgetall(f"{keys.PREFIX}events:{task}")
    common = ("told_ms", "place", "attempt", "final", "sid", "call_sid", "n")
    return {
        name: {field: value for field, value in json.loads(text).items() if field not in common}
        for name, text in events.items()
    }


@pytest.fixture
def call(store: Store) -> str:
    """A call whose request is leaving, and whose client is to be told."""
    call = store.dialling()
    store.redis.hset(keys.task(call), mapping={"status_callback_url": URL, "tells": "1"})
    return call


def fetched(store: Store, call: str, status: str, sid: str = "CA1") -> None:
    """Twilio said so when it was asked."""
    store.ledger.record_news(call, Report(Source.FETCH, sid, {"call_status": status}, check_seconds=60))


def posted(store: Store, call: str, status: str, sequence: int, sid: str = "CA1") -> None:
    store.callback(call, status, sid, sequence=str(sequence), body=f"CallStatus={status}")


def lost_for_good(store: Store, call: str) -> None:
    """Nobody could learn whether Twilio took it."""
    store.outcome(call, in_doubt("No answer"))
    assert store.give_up(call)


def test_an_end_that_was_learnt_without_an_event_is_told(store: Store, call: str) -> None:
    store.outcome(call, placed("CA1", "queued", 60))
    assert told(store, call) == {}
    fetched(store, call, "busy")

    assert told(store, call) == {"1:end": {"status": "busy"}}


@pytest.mark.parametrize("first", ["post", "fetch"])
def test_an_end_that_was_told_is_not_told_again(store: Store, call: str, first: str) -> None:
    store.outcome(call, placed("CA1", "queued", 60))
    for _ in range(2):
        if first == "post":
            posted(store, call, "completed", 3)
        fetched(store, call, "completed")
        posted(store, call, "completed", 3)

    assert list(told(store, call)) == ["1:3" if first == "post" else "1:end"]


def test_a_refused_call_gives_one_end(store: Store, call: str) -> None:
    store.outcome(call, refused("number", "Not a number", by_twilio=True))

    assert told(store, call) == {"1:failed": {"status": "failed"}}


def test_a_refused_call_that_turns_out_to_live_is_corrected_by_all_that_follows(store: Store, call: str) -> None:
    store.outcome(call, refused("number", "Not a number", by_twilio=True))
    posted(store, call, "in-progress", 2)
    posted(store, call, "completed", 3)

    events = told(store, call)
    assert [events[name].get("correction") for name in ("1:failed", "1:2", "1:3")] == [None, True, True]


def test_a_call_in_doubt_for_good_has_failed_with_unknown_outcome_until_news_correct_it(
    store: Store, call: str
) -> None:
    lost_for_good(store, call)
    assert told(store, call) == {"1:failed": {"status": "failed", "outcome": "unknown"}}
    for _ in range(2):
        posted(store, call, "completed", 3)

    assert told(store, call)["1:3"] == {"body": "CallStatus=completed", "sequence": 3, "correction": True}
    assert len(told(store, call)) == 2


def test_a_correction_that_was_fetched_is_told_as_one(store: Store, call: str) -> None:
    lost_for_good(store, call)
    posted(store, call, "in-progress", 2)
    fetched(store, call, "no-answer")

    assert told(store, call)["1:end"] == {"status": "no-answer", "correction": True}


def test_a_call_that_vanished_at_twilio_has_failed_with_unknown_outcome_until_news_correct_it(
    store: Store, call: str
) -> None:
    store.outcome(call, placed("CA1", "queued", 60))
    fetched(store, call, "unknown")
    assert told(store, call) == {"1:failed": {"status": "failed", "outcome": "unknown"}}
    fetched(store, call, "completed")

    assert told(store, call)["1:end"] == {"status": "completed", "correction": True}


def test_who_answered_is_told_once(store: Store, call: str) -> None:
    store.outcome(call, placed("CA1", "queued", 60))
    body = "AnsweredBy=human"
    for _ in range(2):
        store.callback(call, sid="CA1", fields={"answered_by": "human"}, body=body, sequence="")

    assert told(store, call) == {"1:verdict": {"body": body}}


@pytest.mark.parametrize("delay_ms", [0, 60_000])
def test_a_cancelled_call_that_never_began_gives_one_end(store: Store, delay_ms: int) -> None:
    call = store.call(delay_ms=delay_ms)
    store.redis.hset(keys.task(call), mapping={"status_callback_url": URL, "tells": "1"})
    store.cancel(call)
    store.cancel(call)

    assert told(store, call) == {"1:end": {"status": "canceled"}}


@pytest.mark.parametrize("field", ["status_callback_url", "tells"])
def test_nothing_of_ours_is_told_to_who_wants_nothing_or_hears_twilio_itself(
    store: Store, call: str, field: str
) -> None:
    store.redis.hdel(keys.task(call), field)
    store.outcome(call, refused("number", "Not a number", by_twilio=True))

    assert told(store, call) == {}


def campaign_of(store: Store, *numbers: str) -> str:
    campaign = store.campaign(*numbers)
    store.redis.hset(keys.task(campaign), mapping={"status_callback_url": URL, "tells": "1", "client": "shop"})
    return campaign


def test_a_campaign_tells_once_when_it_is_finished_with_its_counts(store: Store) -> None:
    campaign = campaign_of(store, "+12025550100")
    (call,) = store.ledger.admit(50)
    store.ledger.begin(call, "attempt")
    assert told(store, campaign) == {}
    store.outcome(call, placed("CA1", "queued", 60))
    fetched(store, call, "busy")

    (event,) = told(store, campaign).values()
    counts = event["campaign"]
    assert (counts["state"], counts["total"], counts["busy"], counts["live"]) == ("finished", "1", "1", "0")
    assert told(store, call) == {"1:end": {"status": "busy"}}


def test_a_cancelled_campaign_tells_once_and_its_numbers_that_never_began_tell_nothing(store: Store) -> None:
    campaign = campaign_of(store, "+12025550100", "+12025550101")
    (call,) = store.ledger.admit(1)
    store.cancel(campaign)
    store.cancel(campaign)

    (event,) = told(store, campaign).values()
    assert (event["campaign"]["state"], event["campaign"]["canceled"]) == ("cancelled", "2")
    assert told(store, call) == {}


def test_a_campaign_that_is_paused_by_itself_tells_once(store: Store) -> None:
    campaign = campaign_of(store, "+12025550100", "+12025550101", "+12025550102")
    store.redis.hset(keys.task(campaign), mapping={"from_given": "1", "delay_us": "1000"})
    calls: list[str] = []
    while len(calls) < 2:
        store.pass_time(1)
        calls += store.ledger.admit(1)
    for call in calls:
        assert isinstance(store.ledger.begin(call, "attempt"), Go)
        store.pass_time(1)
    for call in calls:
        store.outcome(call, refused("caller_id", "Not your number", by_twilio=True))

    (event,) = told(store, campaign).values()
    assert (event["campaign"]["state"], event["campaign"]["paused_reason"]) == ("active", "Not your number")
    assert (event["campaign"]["failed"], event["campaign"]["live"]) == ("1", "1")  # the refused one is over


@pytest.mark.parametrize("ends", ["cancelled", "finished"])
def test_a_campaign_that_is_over_is_not_paused_by_a_refused_caller_id(store: Store, ends: str) -> None:
    campaign = campaign_of(store, "+12025550100")
    store.redis.hset(keys.task(campaign), "from_given", "1")
    (call,) = store.ledger.admit(1)
    assert isinstance(store.ledger.begin(call, "attempt"), Go)
    if ends == "cancelled":
        store.cancel(campaign)
    store.outcome(call, refused("caller_id", "Not your number", by_twilio=True))

    (event,) = told(store, campaign).values()
    assert (event["campaign"]["state"], store.task(campaign).get("paused")) == (ends, None)
