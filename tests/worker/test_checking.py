"""A check's rules are whole: one for each state that a call may be in."""

from typing import cast

import pytest

from schemas import keys
from schemas.records import CallRecord
from schemas.states import LIVE_STATES, CallState
from tests.scripts.conftest import Store
from worker.calls.following import check
from worker.settings import Settings
from worker.twilio.telephone import Telephone

DAY_MS = 86_400_000


@pytest.mark.parametrize("state", sorted(set(CallState) - LIVE_STATES))
def test_a_call_with_nothing_to_look_at_is_left_as_it_is_and_does_not_come_again_today(
    store: Store, settings: Settings, state: CallState
) -> None:
    call = store.placed()
    store.redis.hset(keys.task(call), "state", state)
    store.pass_time(61)
    before = store.task(call)
    due = store.ledger.due_check(60)
    assert due.call is not None
    check(store.ledger, Telephone(settings), settings, due.call, due.now_ms)

    assert store.task(call) == before
    assert DAY_MS - 5000 < (store.score("checks", call) or 0) - store.now_ms() <= DAY_MS
    assert not store.ledger.clock("beat").sweep


def test_a_state_without_a_rule_is_a_surprise(store: Store, settings: Settings) -> None:
    call = store.placed()
    record = CallRecord.read(call, store.task(call))
    strange = record._replace(state=cast("CallState", "a state of tomorrow"))

    with pytest.raises(AssertionError, match="a state of tomorrow"):
        check(store.ledger, Telephone(settings), settings, strange, record.dialled_ms)
