"""Checks of calls that are due for one: each state has its rule, and no rule dials a call again."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from schemas import keys
from schemas.records import CallRecord
from schemas.states import CallState
from tests.processes import Simulator, free_port
from tests.scripts.conftest import Store
from tests.worker.calls import placed_with
from worker.following import check
from worker.outcomes import Placed
from worker.settings import Settings
from worker.telephone import Telephone

HOUR_SECONDS = 3600
PUBLIC = "https://calls.example"

Check = Callable[..., None]


@pytest.fixture
def look(store: Store, settings: Settings) -> Check:
    """Checks a call as it stood, so many seconds after it was dialled, with further settings."""

    def one(call: CallRecord, after_seconds: float = 0, **changed: Any) -> None:
        told = replace(settings, **changed)
        check(store.ledger, Telephone(told), told, call, call.dialled_ms + round(after_seconds * 1000))

    return one


@pytest.fixture
def nobody() -> str:
    """Where no Twilio answers."""
    return f"http://127.0.0.1:{free_port()}"


def _record(store: Store, call: str) -> CallRecord:
    return CallRecord.read(call, store.task(call))


def _in_doubt(store: Store, number: str) -> CallRecord:
    """A call that nobody knows of whether Twilio has it."""
    call = store.dialling(number)
    store.ledger.settle(call, CallState.CONFIRMING, {"doubt": "No answer from Twilio (ReadTimeout)"})
    return _record(store, call)


def _placed(store: Store, settings: Settings, number: str) -> CallRecord:
    """A call that Twilio has, and so does the record."""
    call = store.dialling(number)
    store.ledger.settle(call, CallState.PLACED, {"call_status": "queued"}, sid=_sid(settings, store, call))
    return _record(store, call)


def _sid(settings: Settings, store: Store, call: str) -> str:
    outcome = placed_with(Telephone(settings), _record(store, call))
    assert isinstance(outcome, Placed)
    return outcome.sid


def _next_look_seconds(store: Store, call: CallRecord) -> float:
    return ((store.score("checks", call.id) or 0) - store.now_ms()) / 1000


def test_a_call_whose_message_was_lost_waits_again(store: Store, look: Check) -> None:
    call = store.call()
    store.ledger.admit(50)
    look(_record(store, call))

    assert store.state(call) == CallState.WAITING


def test_a_call_whose_message_came_after_all_is_left_to_its_worker(store: Store, look: Check) -> None:
    call = store.call()
    store.ledger.admit(50)
    seen = _record(store, call)
    store.pass_time(1)
    store.ledger.begin(call, "attempt")
    look(seen)

    assert store.state(call) == CallState.DIALLING


def test_a_call_whose_worker_died_while_it_dialled_is_in_doubt(store: Store, look: Check) -> None:
    call = store.dialling()
    look(_record(store, call))

    assert store.state(call) == CallState.CONFIRMING
    assert store.task(call)["doubt"] == "The worker ended while it was dialling"


def test_of_several_calls_to_a_number_the_oldest_that_is_no_other_calls_is_ours(
    store: Store, settings: Settings, look: Check
) -> None:
    call = _in_doubt(store, "+12025550401")
    _taken, ours, _later = (_sid(settings, store, call.id) for _ in range(3))
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
    number = f"+1202555041{dialled_after_seconds % 10}{dialled_after_seconds // 10}"
    call = _in_doubt(store, number)
    _sid(settings, store, call.id)
    look(call._replace(dialled_ms=call.dialled_ms + dialled_after_seconds * 1000))

    assert store.state(call.id) == state


def test_a_call_that_is_found_and_is_over_has_ended(
    store: Store, settings: Settings, simulator: Simulator, look: Check
) -> None:
    call = _in_doubt(store, "+12025550403")
    assert Telephone(settings).hang_up(_sid(settings, store, call.id), "queued")
    look(call)

    assert store.state(call.id) == CallState.ENDED


@pytest.mark.parametrize(("doubt_seconds", "gap_seconds"), [(0, 0.5), (6, 6), (80, 15), (117, 3)])
def test_a_call_in_doubt_is_looked_up_with_growing_gaps_until_its_time_is_over(
    store: Store, look: Check, doubt_seconds: float, gap_seconds: float
) -> None:
    call = _in_doubt(store, "+12025550404")
    now_seconds = (call.since_ms - call.dialled_ms) / 1000
    look(call, now_seconds + doubt_seconds)

    assert store.state(call.id) == CallState.CONFIRMING
    assert _next_look_seconds(store, call) == pytest.approx(gap_seconds, abs=0.3)


def test_a_call_that_is_never_found_ends_unknown_and_says_why(store: Store, look: Check) -> None:
    call = _in_doubt(store, "+12025550405")
    look(call, (call.since_ms - call.dialled_ms) / 1000 + 120)

    assert store.state(call.id) == CallState.UNKNOWN
    assert store.task(call.id)["error"].startswith("Outcome unknown: No answer from Twilio (ReadTimeout); ")
    assert store.task(call.id)["call_status"] == "unknown"


def test_a_live_call_of_a_cancelled_task_is_hung_up(store: Store, settings: Settings, look: Check) -> None:
    call = _placed(store, settings, "+12025550406")
    look(call._replace(hang_up=True))

    assert store.state(call.id) == CallState.ENDED


def test_a_call_that_could_not_be_hung_up_is_tried_again_at_once(
    store: Store, settings: Settings, look: Check, nobody: str
) -> None:
    call = _placed(store, settings, "+12025550407")
    look(call._replace(hang_up=True), api_base_url=nobody)

    assert store.state(call.id) == CallState.PLACED
    assert _next_look_seconds(store, call) == pytest.approx(1, abs=0.3)


def test_a_call_that_twilio_cannot_find_yet_is_looked_for_again(store: Store, look: Check) -> None:
    call = _record(store, store.placed(sid="CA" + "0" * 32))
    look(call, 59)

    assert store.state(call.id) == CallState.PLACED
    assert _next_look_seconds(store, call) == pytest.approx(10, abs=0.3)
    assert store.task(call.id)["call_status"] == "queued"


def test_a_call_that_twilio_does_not_have_any_more_frees_its_slot(store: Store, look: Check) -> None:
    call = _record(store, store.placed(sid="CA" + "0" * 32))
    look(call, 61)

    assert store.state(call.id) == CallState.ENDED
    assert store.task(call.id)["call_status"] == "unknown"


@pytest.mark.parametrize(("hours", "state"), [(48, CallState.PLACED), (50, CallState.ENDED)])
def test_a_call_that_twilio_never_tells_of_frees_its_slot_when_it_must_be_over(
    store: Store, look: Check, nobody: str, hours: int, state: CallState
) -> None:
    call = _record(store, store.placed())
    look(call, hours * HOUR_SECONDS, api_base_url=nobody)

    assert store.state(call.id) == state


def test_a_call_that_is_over_has_ended(store: Store, settings: Settings, look: Check) -> None:
    call = _placed(store, settings, "+12025550408")
    assert Telephone(settings).hang_up(str(call.sid), "queued")
    look(call)

    assert store.state(call.id) == CallState.ENDED
    assert store.task(call.id)["call_status"] == "canceled"


@pytest.mark.parametrize(
    ("public_base_url", "age_seconds", "gap_seconds"), [("", 0, 2), ("", 6, 6), ("", 300, 10), (PUBLIC, 6, 60)]
)
def test_a_live_call_is_looked_at_less_and_less_often_and_seldom_if_twilio_tells_of_it_itself(
    store: Store, settings: Settings, look: Check, public_base_url: str, age_seconds: float, gap_seconds: float
) -> None:
    call = _placed(store, settings, f"+120255504{age_seconds + len(public_base_url):03}")
    look(call, age_seconds, public_base_url=public_base_url)

    assert store.state(call.id) == CallState.PLACED
    assert _next_look_seconds(store, call) == pytest.approx(gap_seconds, abs=0.3)
