"""The log of a task: exactly what a receiver gets that takes everything, in the order in which it counts."""

from random import Random

import pytest

from schemas import keys
from schemas.campaigns.editing import edit
from schemas.campaigns.filling import Repetition
from schemas.campaigns.retrying import Retry, marks_to_retry, retry
from schemas.scripts.cancel import cancel, forget, pause, resume
from schemas.scripts.news import Report, Source
from schemas.scripts.outcome import in_doubt, placed, refused
from schemas.scripts.relay import relay_turn
from tests.scripts.conftest import Store
from tests.scripts.receiver import LIFE, PATIENCE, ROOMS, URL, Receiver, happened, post, said


@pytest.mark.parametrize("seed", range(25))
def test_it_is_what_a_receiver_gets_that_takes_all_however_callbacks_are_lost_doubled_and_mixed_up(
    store: Store, seed: int
) -> None:
    random = Random(seed)
    call = store.dialling()
    store.redis.hset(keys.task(call), mapping={"status_callback_url": URL, "tells": "1"})
    if random.random() < 0.3:
        store.outcome(call, in_doubt("no answer"))
        if random.random() < 0.5:
            store.give_up(call)
    else:
        store.outcome(call, placed("CA1", "queued", 60))
    receiver = Receiver(store)
    posts = [(sequence, status) for sequence, status in enumerate(LIFE) if random.random() < 0.8]
    posts += random.choices(posts, k=2) if posts else []
    random.shuffle(posts)
    for sequence, status in posts:
        if random.random() < 0.2:
            answered = {"answered_by": "human"}
            store.callback(call, sid="CA1", fields=answered, body="CallStatus=in-progress&AnsweredBy=human")
        post(store, call, sequence, status)
        receiver.look()
        store.pass_time(random.choice([0, 0.5, 4]))
    receiver.look()
    store.pass_time(4)
    receiver.look()
    if store.state(call) in {"placed", "confirming"}:
        store.ledger.record_news(call, Report(Source.FETCH, "CA1", {"call_status": "busy"}, check_seconds=60))
        receiver.look()

    assert said(store, call) == receiver.told()
    assert [one.fields["number"] for one in happened(store, call)] == [str(parcel.number) for parcel in receiver.taken]


def test_without_a_receiver_it_is_the_same_and_nothing_is_kept_for_one(store: Store) -> None:
    call = store.placed()
    for sequence in (0, 2, 1, 1, 3):
        post(store, call, sequence, LIFE[sequence])

    assert [status for _, status, *_ in said(store, call)] == list(LIFE)
    assert not store.redis.keys(keys.PREFIX + "events:*")
    assert not store.redis.keys(keys.PREFIX + "mail*")


def test_without_a_receiver_what_comes_too_early_waits_for_what_is_before_it_but_not_for_ever(store: Store) -> None:
    call = store.placed()
    post(store, call, 1, "ringing")
    assert said(store, call) == []
    store.scripts.run(relay_turn(ROOMS, PATIENCE))
    store.pass_time(3)
    store.scripts.run(relay_turn(ROOMS, PATIENCE))
    post(store, call, 0, "initiated")

    assert [status for _, status, *_ in said(store, call)] == ["ringing"]
    assert not store.redis.keys(keys.PREFIX + "mail*")


def test_a_campaigns_log_tells_of_all_its_calls_and_of_itself_without_gaps(store: Store) -> None:
    campaign = store.campaign("+12025550100", "+12025550101")
    (first,) = store.ledger.admit(50)
    store.ledger.begin(first, "attempt")
    store.outcome(first, refused("number", "no", by_twilio=True))
    store.pass_time(2)
    (second,) = store.ledger.admit(50)
    store.ledger.begin(second, "attempt")
    store.outcome(second, placed("CA2", "queued", 60))
    store.callback(second, "busy", "CA2", sequence="3", body="CallStatus=busy")
    store.pass_time(4)
    store.scripts.run(relay_turn(ROOMS, PATIENCE))

    told = happened(store, campaign)
    assert [(one.n, one.place, one.kind) for one in told][:1] == [(1, "1", "call")]
    assert sorted((one.place, one.kind) for one in told) == [("", "campaign"), ("1", "call"), ("2", "call")]
    (over,) = (one for one in told if one.kind == "campaign")
    assert (over.fields["total"], over.fields["failed"], over.fields["busy"]) == ("2", "1", "1")
    assert not store.redis.keys(keys.log(first))


def test_pauses_and_cancels_stand_in_it_once_with_the_name_of_the_key(store: Store) -> None:
    campaign, single = store.campaign("+12025550100"), store.call()
    for script in (pause(campaign, by="shop"), pause(campaign, by="shop"), resume(campaign, "root")):
        store.scripts.run(script)
    for task in (campaign, single):
        for _ in range(2):
            store.scripts.run(cancel(task, 30, "root"))
    deeds = [(one.kind, one.fields["by"]) for one in happened(store, campaign) if one.kind != "campaign"]

    assert deeds == [("paused", "shop"), ("resumed", "root"), ("cancelled", "root")]
    assert [one.kind for one in happened(store, single)] == ["cancelled", "call"]


def test_an_edit_and_a_retry_stand_in_it_once_with_the_name_of_the_key(store: Store) -> None:
    campaign = store.campaign("+12025550100", "+12025550101")
    (call,) = store.ledger.admit(50)
    store.ledger.begin(call, "attempt")
    store.outcome(call, placed("CA1", "queued", 60))
    post(store, call, 0, "busy")
    for _ in range(2):
        store.scripts.run(edit(campaign, {"name": "Reminders"}, "edit 1", by="shop"))
        store.scripts.run(
            retry(campaign, Retry(marks_to_retry(["busy"]), by="root"), Repetition("key", "body", 60), 30)
        )
    deeds = [(one.kind, one.fields["by"]) for one in happened(store, campaign) if one.kind not in {"call", "campaign"}]

    assert deeds == [("edited", "shop"), ("retried", "root")]


def test_the_cancel_of_one_number_stands_in_its_campaigns_log(store: Store) -> None:
    campaign = store.campaign("+12025550100", "+12025550101")
    store.scripts.run(cancel(f"{campaign}-2", 30, "shop"))
    store.scripts.run(cancel(f"{campaign}-2", 30, "shop"))

    assert [(one.place, one.kind) for one in happened(store, campaign)] == [("2", "cancelled")]


@pytest.mark.parametrize("is_dispatched", [False, True])
def test_that_the_last_number_was_cancelled_is_told_before_its_campaigns_end(store: Store, is_dispatched: bool) -> None:
    campaign = store.campaign("+12025550100")
    assert not is_dispatched or store.ledger.admit(50) == [f"{campaign}-1"]
    store.scripts.run(cancel(f"{campaign}-1", 30, "shop"))

    assert [(one.place, one.kind) for one in happened(store, campaign)] == [("1", "cancelled"), ("", "campaign")]


@pytest.mark.parametrize("comes", [True, False])
def test_the_end_of_a_campaign_is_told_behind_its_last_calls_though_twilios_events_came_out_of_order(
    store: Store, comes: bool
) -> None:
    campaign = store.campaign("+12025550100")
    (call,) = store.ledger.admit(50)
    store.ledger.begin(call, "attempt")
    for sequence, status in [(0, "initiated"), (2, "completed"), *([(1, "ringing")] if comes else [])]:
        post(store, call, sequence, status)
    assert store.state(campaign) == "finished"
    for _ in range(2):
        store.scripts.run(relay_turn(ROOMS, PATIENCE))
        store.pass_time(3)
    store.scripts.run(relay_turn(ROOMS, PATIENCE))

    told = [one.fields.get("status", one.kind) for one in happened(store, campaign)]
    assert told == ["initiated", *(["ringing"] if comes else []), "completed", "campaign"]


def test_it_is_kept_as_long_as_the_record_and_goes_with_it(store: Store) -> None:
    call = store.placed()
    post(store, call, 0, "initiated")
    assert store.redis.pttl(keys.log(call)) == -1
    post(store, call, 1, "busy")
    assert abs(store.redis.pttl(keys.log(call)) - store.redis.pttl(keys.task(call))) <= 1000
    store.scripts.run(forget(call, 1))

    assert not store.redis.exists(keys.log(call))
