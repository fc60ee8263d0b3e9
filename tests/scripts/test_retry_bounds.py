"""retry.lua: what is left alone, what cannot be tried again, and what a cancel leaves of it."""

import pytest

from schemas import keys
from schemas.campaigns.editing import edit
from schemas.campaigns.marks import Mark
from schemas.campaigns.rows import Row
from schemas.do_not_call.lists import SERVICE, OptOut, opt_out
from tests.scripts.conftest import Store
from tests.scripts.retrials import NUMBERS, again, end, ended, marks
from tests.scripts.zones import sweep

HOUR_SECONDS = 3600


def test_rows_still_to_be_tried_and_those_that_nobody_knows_of_are_left_alone(store: Store) -> None:
    campaign = store.campaign(*NUMBERS[:4], max_live=4)
    (call,) = store.ledger.admit(50)
    end(store, call, "busy", "CA0")
    store.cancel(f"{campaign}-3")
    store.pass_time(2)
    store.ledger.admit(50)
    assert again(store, campaign, "bnfme").tried == 1
    assert marks(store, campaign) == "rdcw"


def test_numbers_on_a_do_not_call_list_are_left_alone(store: Store) -> None:
    campaign = ended(store, "busy", "busy")
    single = store.call(NUMBERS[0])
    assert store.ledger.admit(50) == [single]
    end(store, single, "busy", "CB0")
    store.scripts.run(opt_out(OptOut(SERVICE, [NUMBERS[0]])))
    before = store.task(single)
    assert (again(store, campaign, "b").tried, again(store, single, "b", digest="two").tried) == (1, 0)
    assert (marks(store, campaign), store.task(single)) == ("br", before)
    assert store.ledger.admit(50) == [f"{campaign}-2"]


def test_nobody_is_attempted_more_than_ten_times(store: Store) -> None:
    campaign = ended(store, "busy")
    counts = []
    for number in range(1, 12):
        counts.append(again(store, campaign, "b", digest=str(number)).tried)
        for call in store.ledger.admit(50):
            end(store, call, "busy", f"CB{number}")
        store.pass_time(2)
    assert counts == [1] * 9 + [0, 0]
    assert store.task(f"{campaign}-1")["attempt_number"] == "10"


@pytest.mark.parametrize("end_by", ["cancel", "expiry"])
def test_a_retry_that_is_under_way_ends_with_its_campaign_and_counts_only_what_it_took(
    store: Store, end_by: str
) -> None:
    expires_ms = store.now_ms() + 60_000
    numbers = [f"+1303{index:07d}" for index in range(1000)]
    campaign = store.campaign(*numbers, max_live=2, expires_ms=expires_ms)
    store.redis.set(keys.marks(campaign), Mark.BUSY * 1000)
    store.redis.hset(keys.task(campaign), mapping={"busy": 1000, "next": 1000})
    assert again(store, campaign, "b", most_a_day=5000).more
    tried = marks(store, campaign).count(Mark.AGAIN)
    if end_by == "cancel":
        store.cancel(campaign)
    else:
        store.pass_time(61)
        sweep(store)
    while store.ledger.step():
        pass
    assert marks(store, campaign) == Mark.BUSY * 1000
    assert (store.task(campaign)["busy"], store.redis.exists(f"{keys.PREFIX}retry:{campaign}")) == ("1000", 0)
    assert store.ledger.admit(50) == []
    (day,) = store.redis.keys(f"{keys.PREFIX}day:*")
    assert store.redis.get(day) == str(tried)


def test_a_row_that_was_attempted_and_is_cancelled_before_it_is_tried_again_keeps_its_outcome(store: Store) -> None:
    campaign = ended(store, "busy", "no-answer")
    again(store, campaign, "bn", delay_ms=60_000)
    assert store.cancel(f"{campaign}-1").done
    store.cancel(campaign)
    task = store.task(campaign)
    assert (marks(store, campaign), task["busy"], task["no_answer"], task.get("canceled", "0")) == ("bn", "1", "1", "0")


def test_what_cannot_be_tried_again_says_why(store: Store) -> None:
    campaign = ended(store, "busy", "busy")
    assert again(store, campaign, "b", most_a_day=1).verdict == "full"
    assert again(store, campaign, "b", run_until_us=1).verdict == "late"
    assert [again(store, one, "b").verdict for one in (f"{campaign}-1", f"{campaign}-9", "x")] == [
        "part",
        "gone",
        "gone",
    ]
    store.redis.hset(keys.task(campaign), "expires_ms", 1)
    assert [again(store, campaign, outcomes).verdict for outcomes in ("be", "b", "e", "n")] == ["expired"] * 4
    assert marks(store, campaign) == "bb"
    call = store.call(NUMBERS[5])
    store.cancel(call)
    assert again(store, call, "b").verdict == "over"


@pytest.mark.parametrize("lost", ["record", "number"])
def test_rows_whose_record_is_gone_are_tried_again_but_not_those_that_were_forgotten(store: Store, lost: str) -> None:
    campaign = ended(store, "busy")
    if lost == "record":
        store.redis.delete(keys.task(f"{campaign}-1"))
    else:
        store.redis.delete(keys.task(f"{campaign}-1"))
        store.redis.lset(keys.rows(campaign), 0, "")
    assert again(store, campaign, "b").tried == (1 if lost == "record" else 0)


def test_a_call_that_somebody_cancelled_while_it_waited_to_be_tried_again_is_never_tried_again(store: Store) -> None:
    campaign = ended(store, "busy", "busy")
    again(store, campaign, "b", delay_ms=60_000)
    store.cancel(f"{campaign}-1")
    assert again(store, campaign, "b", digest="two").tried == 0
    assert marks(store, campaign) == "br"


@pytest.mark.parametrize("kind", ["single", "campaign"])
def test_the_day_counts_what_is_tried_again_and_not_what_is_left_alone(store: Store, kind: str) -> None:
    if kind == "single":
        task = call = store.call(NUMBERS[0])
        assert store.ledger.admit(50) == [call]
        end(store, call, "busy", "CA0")
    else:
        task = ended(store, "busy", "busy")
        call = f"{task}-2"
    store.redis.hset(keys.task(call), "attempt_number", 10)  # the most that there may be
    tried = again(store, task, "b", most_a_day=2).tried
    assert tried == (0 if kind == "single" else 1)
    (day,) = store.redis.keys(f"{keys.PREFIX}day:*")
    assert store.redis.get(day) == str(tried)


def test_a_row_that_never_began_by_its_own_end_is_left_alone(store: Store) -> None:
    ends_ms = store.now_ms() - 1
    campaign = store.campaign(Row(NUMBERS[0], expires_ms=ends_ms), Row(NUMBERS[1]))
    store.redis.zadd(f"{keys.PREFIX}closing", {f"{campaign}-1": ends_ms})
    store.ledger.closed()
    assert marks(store, campaign) == "ew"
    assert again(store, campaign, "be").tried == 0
    assert marks(store, campaign) == "ew"


def test_a_row_that_is_tried_again_ends_at_its_own_end_and_is_left_alone_then(store: Store) -> None:
    campaign = ended(store, "busy", "busy")
    store.redis.hset(keys.task(f"{campaign}-1"), "expires_ms", store.now_ms() + HOUR_SECONDS * 1000)
    assert again(store, campaign, "b", delay_ms=HOUR_SECONDS * 500).tried == 2
    store.pass_time(HOUR_SECONDS + 1)
    store.ledger.closed()
    assert marks(store, campaign) == "br"
    assert again(store, campaign, "b", digest="two").tried == 0
    assert store.task(f"{campaign}-1")["attempts"].count("{") == 1


def test_nothing_is_tried_again_behind_its_own_end_or_that_of_its_task(store: Store) -> None:
    campaign = ended(store, "busy", "busy")
    store.redis.hset(keys.task(f"{campaign}-1"), "expires_ms", store.now_ms() + HOUR_SECONDS * 1000)
    assert again(store, campaign, "b", delay_ms=2 * HOUR_SECONDS * 1000).tried == 1
    assert marks(store, campaign) == "br"
    store.redis.hset(keys.task(campaign), "expires_ms", store.now_ms() + HOUR_SECONDS * 1000)
    assert again(store, campaign, "b", digest="two", delay_ms=HOUR_SECONDS * 1000).verdict == "behind"
    assert again(store, campaign, "b", digest="two", delay_ms=HOUR_SECONDS * 900).tried == 1


def test_an_attempt_that_expired_is_none_of_those_told_when_the_row_is_tried_again(store: Store) -> None:
    campaign = store.campaign(*NUMBERS[:2], max_live=2, delay_seconds=0.001, expires_ms=store.now_ms() + 60_000)
    for sid in ("CA0", "CA1"):
        (call,) = store.ledger.admit(1)
        if sid == "CA0":
            end(store, call, "busy", sid)
            again(store, campaign, "b", delay_ms=30_000)
        store.pass_time(2)
    store.pass_time(60)
    store.ledger.closed()
    while store.ledger.step():
        pass
    store.scripts.run(edit(campaign, {"expires_ms": None}, "an edit"))
    assert again(store, campaign, "b", digest="two").tried == 1
    record = store.task(f"{campaign}-1")
    assert (record["attempt_number"], record["attempts"].count("{")) == ("3", 1)


def test_more_numbers_of_a_client_than_may_wait_are_not_tried_again(store: Store) -> None:
    campaign = ended(store, "busy", "busy")
    single = store.call(NUMBERS[5], delay_ms=60_000)
    assert again(store, campaign, "b", most_waiting=2).verdict == "crowded"
    assert marks(store, campaign) == "bb"
    store.cancel(single)
    assert again(store, campaign, "b", most_waiting=2).tried == 2
