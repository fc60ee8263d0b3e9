"""retry.lua: what is over is tried again, and what was tried stays."""

import json

from schemas import keys
from schemas.campaigns.filling import Repetition
from schemas.campaigns.marks import Mark
from schemas.campaigns.retrying import Retry, Retrying, retry
from schemas.scripts.begin import Go
from schemas.scripts.outcome import later, refused
from tests.scripts.conftest import Store
from tests.scripts.retrials import NUMBERS, again, end, ended, marks


def test_those_with_the_outcomes_wait_again_and_a_finished_campaign_goes_on(store: Store) -> None:
    campaign = ended(store, "busy", "completed", "no-answer", "failed")
    assert store.state(campaign) == "finished"
    assert again(store, campaign, "bn") == Retrying("done", 2, more=False, day_ends_ms=0)
    assert (store.state(campaign), marks(store, campaign)) == ("active", "rarf")
    assert store.redis.pttl(keys.task(f"{campaign}-1")) == -1
    called = []
    for place in range(2):
        (call,) = store.ledger.admit(50)
        called.append(call)
        end(store, call, "completed", f"CB{place}")
        store.pass_time(2)
    assert called == [f"{campaign}-1", f"{campaign}-3"]
    task = store.task(campaign)
    assert (task["state"], marks(store, campaign), task["completed"], task["busy"]) == ("finished", "aaaf", "3", "0")


def test_what_was_tried_before_stays_with_the_row_oldest_first(store: Store) -> None:
    campaign = ended(store, "busy")
    for number, status in enumerate(("no-answer", "completed"), start=1):
        again(store, campaign, "bn", digest=str(number))
        (call,) = store.ledger.admit(50)
        end(store, call, status, f"CB{number}")
        store.pass_time(2)
    task = store.task(f"{campaign}-1")
    attempts = json.loads(task["attempts"])
    assert [(one["sid"], one["call_status"]) for one in attempts] == [("CA0", "busy"), ("CB1", "no-answer")]
    assert (task["sid"], task["call_status"], task["attempt_number"]) == ("CB2", "completed", "3")


def test_late_news_of_an_earlier_attempt_change_nothing(store: Store) -> None:
    campaign = ended(store, "busy")
    again(store, campaign, "b")
    (call,) = store.ledger.admit(50)
    assert isinstance(store.ledger.begin(call, "again"), Go)
    assert store.callback(call, "completed", sid="CA0", attempt_number=1).verdict == "moved"
    assert store.callback(call, "completed", sid="CA0", attempt_number=2).verdict == "taken"
    assert store.state(call) == "dialling"
    assert store.callback(call, "ringing", sid="CB0", attempt_number=2).verdict == "done"


def test_one_that_a_cancel_was_to_hang_up_is_over_whatever_it_came_to(store: Store) -> None:
    call = store.placed("+12025550150")
    store.cancel(call)
    store.callback(call, "busy")
    assert again(store, call, "b") == Retrying("over", 0, more=False, day_ends_ms=0)


def test_a_retry_waits_for_its_time(store: Store) -> None:
    campaign = ended(store, "busy", "busy")
    again(store, campaign, "b", delay_ms=60_000)
    store.pass_time(50)
    assert store.ledger.admit(50) == []
    store.pass_time(11)
    assert store.ledger.admit(50) == [f"{campaign}-1"]
    assert again(store, campaign, "b", digest="two", due_ms=1).verdict == "past"


def test_a_repetition_tries_nothing_again_and_another_request_with_its_key_is_refused(store: Store) -> None:
    campaign = ended(store, "busy")
    assert again(store, campaign, "b").verdict == "done"
    (call,) = store.ledger.admit(50)
    end(store, call, "busy", "CB1")
    assert again(store, campaign, "b") == Retrying("replayed", 1, more=False, day_ends_ms=0)
    other = retry(campaign, Retry("b"), Repetition("one", "other"), 30)
    assert store.scripts.run(other).verdict == "mismatch"
    assert marks(store, campaign) == "b"


def test_very_many_rows_take_several_runs_and_a_sweep_goes_on_with_what_is_left(store: Store) -> None:
    count = 1200
    campaign = store.campaign(*(f"+1303{index:07d}" for index in range(1000)), max_live=2)
    store.redis.rpush(keys.rows(campaign), *(f"1404{index:07d}" for index in range(count - 1000)))
    store.redis.set(keys.marks(campaign), Mark.BUSY * count)
    fields = {"total": count, "busy": count, "state": "finished", "next": count, "counted": 0}
    store.redis.hset(keys.task(campaign), mapping=fields)
    store.redis.delete(keys.PREFIX + "in_campaigns")
    first = again(store, campaign, "b")
    assert (first.verdict, first.tried, first.more) == ("done", 500, True)
    second = again(store, campaign, "b")
    assert (second.verdict, second.tried, second.more) == ("done", 1000, True)
    assert store.ledger.clock("beat").sweep
    while store.ledger.step():
        pass
    assert again(store, campaign, "b") == Retrying("replayed", count, more=False, day_ends_ms=0)
    task = store.task(campaign)
    assert (marks(store, campaign), task["busy"], task["state"]) == (Mark.AGAIN * count, "0", "active")
    assert store.redis.hget(keys.PREFIX + "in_campaigns", "") == str(count)
    assert not store.redis.exists(f"{keys.PREFIX}retry:{campaign}", keys.PREFIX + "steps")
    assert store.task(f"{campaign}-{count}")["to"] == "+14040000199"


def test_a_single_call_is_tried_again_too(store: Store) -> None:
    call = store.dialling(NUMBERS[0])
    store.outcome(call, refused("number", "no", by_twilio=True))
    assert again(store, call, "f").tried == 1
    assert again(store, call, "b", digest="two").tried == 0
    assert store.ledger.admit(50) == [call]
    end(store, call, "completed", "CA1")
    (first,) = json.loads(store.task(call)["attempts"])
    assert first == {"error": "no"}


def test_a_call_that_waits_again_after_its_retry_was_refused_for_now_goes_later(store: Store) -> None:
    campaign = ended(store, "busy")
    again(store, campaign, "b")
    (call,) = store.ledger.admit(50)
    store.ledger.begin(call, "claim")
    store.outcome(call, later(0))
    store.pass_time(2)
    assert (marks(store, campaign), store.ledger.admit(50)) == ("r", [call])
