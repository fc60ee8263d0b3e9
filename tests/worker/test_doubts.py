"""Calls in doubt: looked up until Twilio has answered, found only where no other request can have made them."""

import pytest

from schemas import keys
from schemas.states import CallState
from tests.processes import Simulator
from tests.scripts.conftest import Store
from tests.worker.checks import Check, doubtful, new_sid
from worker.settings import Settings
from worker.twilio.outcomes import HungUp
from worker.twilio.telephone import Telephone


def test_of_several_calls_to_a_number_the_oldest_that_is_no_other_calls_is_ours(
    store: Store, settings: Settings, look: Check
) -> None:
    call = doubtful(store, "+12025550401")
    _taken, ours, _later = (new_sid(settings, store, call.id) for _ in range(3))
    store.redis.set(keys.sid(_taken), "another-call")
    look(call)

    assert store.state(call.id) == CallState.PLACED
    assert store.task(call.id)["sid"] == ours


@pytest.mark.parametrize(
    ("dialled_after_seconds", "state"), [(15, CallState.CONFIRMING), (5, CallState.PLACED)], ids=["older", "clocks"]
)
def test_a_call_older_than_the_request_is_not_ours_unless_clocks_may_differ_by_so_much(
    store: Store, settings: Settings, look: Check, dialled_after_seconds: int, state: CallState
) -> None:
    number = f"+120255504{dialled_after_seconds % 10}{dialled_after_seconds // 10}"
    call = doubtful(store, number)
    new_sid(settings, store, call.id)
    look(call._replace(dialled_ms=call.dialled_ms + dialled_after_seconds * 1000))

    assert store.state(call.id) == state


@pytest.mark.parametrize(
    ("dialled_before_seconds", "state"), [(36, CallState.CONFIRMING), (28, CallState.PLACED)], ids=["later", "late"]
)
def test_a_call_created_after_the_request_was_surely_over_is_not_ours(
    store: Store, settings: Settings, look: Check, dialled_before_seconds: int, state: CallState
) -> None:
    call = doubtful(store, f"+12025550{dialled_before_seconds + 420}")
    new_sid(settings, store, call.id)
    look(call._replace(dialled_ms=call.dialled_ms - dialled_before_seconds * 1000))

    assert store.state(call.id) == state


def test_a_call_that_is_found_and_is_over_has_ended(
    store: Store, settings: Settings, simulator: Simulator, look: Check
) -> None:
    call = doubtful(store, "+12025550403")
    assert Telephone(settings).hang_up(new_sid(settings, store, call.id), "queued") == HungUp()
    look(call)

    assert store.state(call.id) == CallState.ENDED


@pytest.mark.parametrize(("doubt_seconds", "gap_seconds"), [(0, 0.5), (6, 6), (80, 15), (117, 3)])
def test_a_call_in_doubt_is_looked_up_with_growing_gaps_until_its_time_is_over(
    store: Store, look: Check, doubt_seconds: float, gap_seconds: float
) -> None:
    call = doubtful(store, "+12025550404")
    now_seconds = (call.since_ms - call.dialled_ms) / 1000
    before_ms = store.now_ms()
    look(call, now_seconds + doubt_seconds)

    assert store.state(call.id) == CallState.CONFIRMING
    assert store.lies_after(store.score("checks", call.id), gap_seconds, before_ms)


def test_a_call_that_is_never_found_ends_unknown_and_says_why(store: Store, look: Check) -> None:
    call = doubtful(store, "+12025550405")
    look(call, (call.since_ms - call.dialled_ms) / 1000 + 120)

    assert store.state(call.id) == CallState.UNKNOWN
    assert store.task(call.id)["error"].startswith("Outcome unknown: No answer from Twilio (ReadTimeout); ")
    assert store.task(call.id)["call_status"] == "unknown"


def test_a_call_is_never_given_up_while_no_look_up_is_answered(store: Store, look: Check, nobody: str) -> None:
    call = doubtful(store, "+12025550415")
    before_ms = store.now_ms()
    look(call, 3600, api_base_url=nobody)

    assert store.state(call.id) == CallState.CONFIRMING
    assert store.lies_after(store.score("checks", call.id), 60, before_ms)


@pytest.mark.parametrize(("after_seconds", "state"), [(60, CallState.CONFIRMING), (61.5, CallState.UNKNOWN)])
def test_a_call_is_not_given_up_before_its_request_must_be_over(
    store: Store, look: Check, after_seconds: float, state: CallState
) -> None:
    call = doubtful(store, f"+1202555{round(after_seconds * 10):04}")
    look(call, after_seconds, reconcile_after_seconds=1)

    assert store.state(call.id) == state


def test_a_call_that_cannot_be_told_from_another_ends_unknown_and_says_so(
    store: Store, settings: Settings, look: Check
) -> None:
    other = doubtful(store, "+12025550416")
    call = doubtful(store, "+12025550416")
    new_sid(settings, store, call.id)
    look(call)
    assert store.state(call.id) == CallState.CONFIRMING
    look(call, 130)

    assert store.state(call.id) == CallState.UNKNOWN
    assert "which another request may have made just as well" in store.task(call.id)["error"]
    assert store.state(other.id) == CallState.CONFIRMING
