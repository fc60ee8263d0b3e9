"""A number that came off the do-not-call list is tried again as others are, if its call was made before."""

from dataclasses import replace

import pytest

from schemas import keys
from schemas.do_not_call.lists import SERVICE, opt_in
from tests.scripts.conftest import Store
from tests.scripts.retrials import again
from tests.scripts.test_retry_by_itself import BUSY_OR_NOT_ANSWERED, NUMBERS, attempt, give_up
from worker.ledger import Ledger


@pytest.mark.parametrize("kind", ["single", "campaign"])
def test_what_was_left_alone_while_it_was_listed_is_tried_again(store: Store, kind: str) -> None:
    if kind == "single":
        task = call = store.call(NUMBERS[0], **BUSY_OR_NOT_ANSWERED)
    else:
        task = store.campaign(NUMBERS[0], **BUSY_OR_NOT_ANSWERED)
        call = f"{task}-1"
    attempt(store, call, "busy", "CA1")
    give_up(store, task, call, "opted out")
    assert store.state(call) == "cancelled"
    assert again(store, task, "b", "while listed").tried == 0
    assert store.scripts.run(opt_in(SERVICE, NUMBERS[0], "", "asked to be called"))
    retrying = again(store, task, "b")
    assert (retrying.verdict, retrying.tried) == ("done", 1)
    store.pass_time(2)
    attempt(store, call, "completed", "CA2")
    assert store.state(call) == "ended"


@pytest.mark.parametrize("kind", ["single", "campaign"])
def test_it_counts_for_the_day_when_it_is_asked_for_and_not_again_when_it_goes(store: Store, kind: str) -> None:
    store.limits = replace(store.limits, most_calls_per_day=9)
    store.ledger = Ledger(store.redis, store.limits, 30, 30)
    if kind == "single":
        task = call = store.call(NUMBERS[0], most_a_day=9, **BUSY_OR_NOT_ANSWERED)
    else:
        task = store.campaign(NUMBERS[0], most_a_day=9, **BUSY_OR_NOT_ANSWERED)
        call = f"{task}-1"
    attempt(store, call, "busy", "CA1")
    give_up(store, task, call, "opted out")
    assert store.scripts.run(opt_in(SERVICE, NUMBERS[0], "", "asked to be called"))
    assert again(store, task, "b", most_a_day=9).tried == 1
    store.pass_time(2)
    attempt(store, call, "completed", "CA2")
    assert [store.redis.get(day) for day in store.redis.scan_iter(f"{keys.PREFIX}day:*")] == ["2"]
