"""Checks of calls that Twilio has: followed to their end, hung up if that is wanted."""

import pytest

from schemas.states import CallState
from tests.scripts.conftest import Store
from tests.worker.checks import HOUR_SECONDS, PUBLIC, Check, placed_at_twilio, record_of
from worker.settings import Settings
from worker.twilio.outcomes import HungUp
from worker.twilio.telephone import Telephone


def test_a_live_call_of_a_cancelled_task_is_hung_up(store: Store, settings: Settings, look: Check) -> None:
    call = placed_at_twilio(store, settings, "+12025550406")
    look(call._replace(hang_up=True))

    assert store.state(call.id) == CallState.ENDED


@pytest.mark.parametrize(("asked_seconds", "gap_seconds"), [(0, 1), (4, 4), (3600, 10)])
def test_a_call_that_could_not_be_hung_up_is_tried_again_at_once_and_then_less_often(
    store: Store, settings: Settings, look: Check, nobody: str, asked_seconds: int, gap_seconds: int
) -> None:
    call = placed_at_twilio(store, settings, "+12025550407")
    before_ms = store.now_ms()
    asked = call._replace(hang_up=True, updated_ms=call.dialled_ms - asked_seconds * 1000)
    look(asked, api_base_url=nobody)

    assert store.state(call.id) == CallState.PLACED
    assert store.lies_after(store.score("checks", call.id), gap_seconds, before_ms)


@pytest.mark.parametrize("after_seconds", [0, 12, 24])
def test_a_call_that_twilio_cannot_hang_up_as_it_does_not_find_it_yet_is_tried_thrice_in_half_a_minute(
    store: Store, look: Check, after_seconds: float
) -> None:
    call = record_of(store, store.placed(sid="CA" + "0" * 32))
    before_ms = store.now_ms()
    look(call._replace(hang_up=True), after_seconds)

    assert store.state(call.id) == CallState.PLACED
    assert store.lies_after(store.score("checks", call.id), 12, before_ms)


def test_a_call_to_hang_up_that_twilio_never_had_frees_its_slot(store: Store, look: Check) -> None:
    call = record_of(store, store.placed(sid="CA" + "0" * 32))
    look(call._replace(hang_up=True), 61)

    assert store.state(call.id) == CallState.ENDED


def test_a_call_that_twilio_cannot_find_yet_is_looked_for_again(store: Store, look: Check) -> None:
    call = record_of(store, store.placed(sid="CA" + "0" * 32))
    before_ms = store.now_ms()
    look(call, 59)

    assert store.state(call.id) == CallState.PLACED
    assert store.lies_after(store.score("checks", call.id), 10, before_ms)
    assert store.task(call.id)["call_status"] == "queued"


def test_a_call_that_was_just_created_is_not_taken_for_lost_however_soon_it_is_looked_at(
    store: Store, settings: Settings, look: Check
) -> None:
    call = record_of(store, store.placed(sid="CA" + "0" * 32))
    look(call, 29, reconcile_after_seconds=1)
    assert store.state(call.id) == CallState.PLACED
    look(call, 31, reconcile_after_seconds=1)

    assert store.state(call.id) == CallState.ENDED


def test_a_call_that_twilio_does_not_have_any_more_frees_its_slot(store: Store, look: Check) -> None:
    call = record_of(store, store.placed(sid="CA" + "0" * 32))
    look(call, 61)

    assert store.state(call.id) == CallState.ENDED
    assert store.task(call.id)["call_status"] == "unknown"


@pytest.mark.parametrize("hang_up", [False, True])
@pytest.mark.parametrize(("hours", "state"), [(48, CallState.PLACED), (50, CallState.ENDED)])
def test_a_call_that_twilio_never_tells_of_frees_its_slot_when_it_must_be_over(
    store: Store, look: Check, nobody: str, hours: int, state: CallState, hang_up: bool
) -> None:
    call = record_of(store, store.placed())._replace(hang_up=hang_up)
    look(call, hours * HOUR_SECONDS, api_base_url=nobody)

    assert store.state(call.id) == state


def test_a_call_that_is_over_has_ended(store: Store, settings: Settings, look: Check) -> None:
    call = placed_at_twilio(store, settings, "+12025550408")
    assert Telephone(settings).hang_up(str(call.sid), "queued") == HungUp()
    look(call)

    assert store.state(call.id) == CallState.ENDED
    assert store.task(call.id)["call_status"] == "canceled"


@pytest.mark.parametrize(
    ("public_base_url", "age_seconds", "gap_seconds"), [("", 0, 2), ("", 6, 6), ("", 300, 10), (PUBLIC, 6, 60)]
)
def test_a_live_call_is_looked_at_less_and_less_often_and_seldom_if_twilio_tells_of_it_itself(
    store: Store, settings: Settings, look: Check, public_base_url: str, age_seconds: float, gap_seconds: float
) -> None:
    call = placed_at_twilio(store, settings, f"+1202556{age_seconds + len(public_base_url):04}")
    before_ms = store.now_ms()
    look(call, age_seconds, public_base_url=public_base_url)

    assert store.state(call.id) == CallState.PLACED
    assert store.lies_after(store.score("checks", call.id), gap_seconds, before_ms)
