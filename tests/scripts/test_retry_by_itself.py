"""What came to certain outcomes is tried again by itself."""

import json
from typing import Any

import pytest

from schemas import keys
from schemas.do_not_call.lists import SERVICE, OptOut, opt_out
from schemas.scripts.begin import Barred, Go
from schemas.scripts.news import Report, Source
from schemas.scripts.outcome import placed
from tests.scripts.conftest import Store
from tests.scripts.receiver import Receiver, post, said

URL = "https://client.example/news"
NUMBERS = ["+12125550100", "+12125550101"]
BUSY_OR_NOT_ANSWERED: dict[str, Any] = {"retry_most": 3, "retry_marks": "bn", "retry_seconds": 600}


def attempt(store: Store, call: str, status: str, sid: str, **fields: Any) -> None:
    """Dials it, and tells how it ended."""
    assert store.ledger.admit(50) == [call]
    assert isinstance(store.ledger.begin(call, f"attempt {sid}"), Go)
    store.outcome(call, placed(sid, "queued", 60))
    number = int(store.task(call).get("attempt_number", 1))
    store.callback(call, status, sid, attempt_number=number, fields=fields)


def events(store: Store, call: str) -> list[dict[str, Any]]:
    """Those that wait for its client."""
    return [json.loads(text) for text in store.redis.hvals(f"{keys.PREFIX}events:{call}")]


def give_up(store: Store, task: str, call: str, why: str) -> None:
    """Something happens after which no further attempt is made."""
    if why == "cancelled":
        store.cancel(call)
    elif why == "task cancelled":
        store.cancel(task)
    elif why == "expired":
        store.pass_time(3_601)
        store.ledger.closed()
        while store.ledger.step():
            pass
    else:
        store.scripts.run(opt_out(OptOut(SERVICE, NUMBERS[:1])))
        store.pass_time(601)
        for admitted in store.ledger.admit(50):
            assert isinstance(store.ledger.begin(admitted, "second"), Barred)
            assert store.ledger.bar(admitted)


@pytest.mark.parametrize("kind", ["single", "campaign"])
def test_it_is_tried_again_after_its_delay_and_no_more_often_than_wanted(store: Store, kind: str) -> None:
    if kind == "single":
        task = call = store.call(NUMBERS[0], **BUSY_OR_NOT_ANSWERED)
    else:
        task = store.campaign(NUMBERS[0], delay_seconds=0.001, **BUSY_OR_NOT_ANSWERED)
        call = f"{task}-1"
    for number, status in ((1, "busy"), (2, "no-answer")):
        attempt(store, call, status, f"CA{number}")
        assert store.state(call) == "waiting"
        assert store.task(call)["attempt_number"] == str(number + 1)
        store.pass_time(590)
        assert store.ledger.admit(50) == []
        store.pass_time(11)
    attempt(store, call, "busy", "CA3")
    assert store.state(call) == "ended"
    assert len(json.loads(store.task(call)["attempts"])) == 2
    store.pass_time(10_000)
    assert store.ledger.admit(50) == []
    if kind == "campaign":
        assert (store.state(task), store.task(task)["busy"]) == ("finished", "1")


def test_a_campaign_goes_on_while_an_attempt_may_follow(store: Store) -> None:
    name = store.campaign(NUMBERS[0], delay_seconds=0.001, **BUSY_OR_NOT_ANSWERED)
    attempt(store, f"{name}-1", "busy", "CA1")
    assert store.state(name) == "active"
    assert store.redis.get(f"{keys.PREFIX}marks:{name}") == "r"
    assert {store.task(name).get(count, "0") for count in ("live", "busy", "completed")} == {"0"}


@pytest.mark.parametrize("status", ["completed", "failed", "canceled"])
def test_other_outcomes_are_not_tried_again(store: Store, status: str) -> None:
    call = store.call(NUMBERS[0], **BUSY_OR_NOT_ANSWERED)
    attempt(store, call, status, "CA1")
    assert store.state(call) == "ended"


def test_a_machine_is_tried_again_if_that_is_wanted(store: Store) -> None:
    call = store.call(NUMBERS[0], retry_most=2, retry_marks="m", retry_seconds=60)
    attempt(store, call, "completed", "CA1", answered_by="machine_start")
    assert store.state(call) == "waiting"


@pytest.mark.parametrize(("marks", "more"), [("m", True), ("a", None)])
def test_who_answered_tells_whether_an_attempt_follows_though_that_comes_with_the_end(
    store: Store, marks: str, more: bool | None
) -> None:
    call = store.call(NUMBERS[0], retry_most=2, retry_marks=marks, retry_seconds=60)
    store.redis.hset(keys.task(call), mapping={"status_callback_url": URL, "tells": "1"})
    assert store.ledger.admit(50) == [call]
    store.ledger.begin(call, "claim")
    news = {"fields": {"answered_by": "machine_start"}, "sequence": "0", "body": "CallStatus=completed"}
    store.callback(call, "completed", "CA1", **news)
    assert [one.get("more") for one in events(store, call)] == [more]
    assert store.state(call) == ("waiting" if more else "ended")


def test_a_word_of_twilios_that_comes_after_the_end_announces_no_attempt(store: Store) -> None:
    call = store.call(NUMBERS[0], **BUSY_OR_NOT_ANSWERED)
    store.redis.hset(keys.task(call), mapping={"status_callback_url": URL, "tells": "1"})
    attempt(store, call, "ringing", "CA1")
    store.ledger.record_news(call, Report(Source.FETCH, "CA1", {"call_status": "unknown"}))
    store.callback(call, "busy", "CA1", sequence="3", body="CallStatus=busy")
    assert store.state(call) == "ended"
    assert {one.get("more") for one in events(store, call)} == {None}


@pytest.mark.parametrize("kind", ["single", "campaign"])
@pytest.mark.parametrize("why", ["cancelled", "task cancelled", "expired", "opted out"])
def test_one_event_says_that_an_attempt_which_was_announced_will_not_be_made(store: Store, kind: str, why: str) -> None:
    options = BUSY_OR_NOT_ANSWERED | {"expires_ms": store.now_ms() + 3_600_000}
    if kind == "single":
        task = call = store.call(NUMBERS[0], **options)
    else:
        task = store.campaign(NUMBERS[0], delay_seconds=0.001, **options)
        call = f"{task}-1"
    store.redis.hset(keys.task(task), mapping={"status_callback_url": URL, "tells": "1"})
    attempt(store, call, "in-progress", "CA1")
    store.ledger.record_news(call, Report(Source.FETCH, "CA1", {"call_status": "busy"}))
    for _ in range(2):
        give_up(store, task, call, why)

    assert store.state(call) == "cancelled"
    told = [
        (one["attempt"], one["status"], one["final"], one.get("more"), one.get("sid")) for one in events(store, call)
    ]
    assert sorted(told) == [("1", "busy", True, True, True), ("2", "canceled", True, None, None)]


def test_what_was_cancelled_is_not_tried_again(store: Store) -> None:
    call = store.call(NUMBERS[0], **BUSY_OR_NOT_ANSWERED)
    assert store.ledger.admit(50) == [call]
    store.ledger.begin(call, "attempt")
    store.outcome(call, placed("CA1", "queued", 60))
    store.cancel(call)
    store.callback(call, "no-answer", "CA1")
    assert store.state(call) == "ended"


@pytest.mark.parametrize("has_receiver", [True, False])
def test_what_the_end_overtook_is_told_before_it_though_another_attempt_follows(
    store: Store, has_receiver: bool
) -> None:
    call = store.call(NUMBERS[0], **BUSY_OR_NOT_ANSWERED)
    if has_receiver:
        store.redis.hset(keys.task(call), mapping={"status_callback_url": URL, "tells": "1"})
    assert store.ledger.admit(50) == [call]
    store.ledger.begin(call, "claim")
    for sequence, status in ((0, "initiated"), (2, "busy"), (1, "ringing"), (1, "ringing")):
        post(store, call, sequence, status)
    receiver = Receiver(store)
    receiver.look()

    told = ["initiated", "ringing", "busy"]
    assert [status for _, status, *_ in said(store, call)] == told
    assert [status for _, status, *_ in receiver.told()] == (told if has_receiver else [])
    assert (store.state(call), store.task(call).get("sid")) == ("waiting", None)


@pytest.mark.parametrize(("attempt_number", "sid"), [(0, "CA1"), (1, "CA2"), (2, "CA1"), (3, "CA1")])
def test_nothing_is_told_of_an_attempt_that_had_no_such_call(store: Store, attempt_number: int, sid: str) -> None:
    call = store.call(NUMBERS[0], **BUSY_OR_NOT_ANSWERED)
    assert store.ledger.admit(50) == [call]
    store.ledger.begin(call, "claim")
    for sequence, status in ((0, "initiated"), (2, "busy")):
        post(store, call, sequence, status)
    store.callback(call, "ringing", sid, sequence="1", body="CallStatus=ringing", attempt_number=attempt_number)

    assert [status for _, status, *_ in said(store, call)] == ["initiated"]


def test_news_of_an_earlier_attempt_changes_nothing_of_the_next(store: Store) -> None:
    call = store.call(NUMBERS[0], **BUSY_OR_NOT_ANSWERED)
    attempt(store, call, "busy", "CA1")
    store.callback(call, "completed", "CA1", attempt_number=1)
    assert store.state(call) == "waiting"
    assert "sid" not in store.task(call)
