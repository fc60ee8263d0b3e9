"""In which order a call's events leave, and what holds them back."""

import pytest

from schemas.scripts.news import Report, Source
from tests.scripts.conftest import Store
from tests.scripts.desk import Desk


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


def test_events_leave_in_twilios_order_one_at_a_time_with_numbers_of_ours(desk: Desk) -> None:
    for sequence in (1, 0, 2):
        desk.tell(sequence)
    seen = []
    for _ in range(3):
        (parcel,) = desk.take()
        seen.append((parcel.name, parcel.number))
        assert desk.take() == []
        assert desk.done(parcel, "delivered") == "delivered"

    assert seen == [("1:0", 0), ("1:1", 1), ("1:2", 2)]
    assert desk.take() == []


def test_an_event_waits_a_little_for_the_one_before_it_and_what_comes_later_is_left_out(desk: Desk) -> None:
    desk.tell(1)
    assert desk.take() == []
    desk.store.pass_time(3)

    (parcel,) = desk.take()
    assert (parcel.name, parcel.number) == ("1:1", 0)
    assert not desk.tell(0)
    desk.done(parcel, "delivered")
    desk.tell(2)
    assert desk.names() == [("1:2", 1)]


def test_what_corrects_a_failure_comes_after_it_though_both_waited_for_an_event_before(store: Store) -> None:
    desk = Desk(store, tells="1")
    desk.tell(1)
    store.ledger.record_news(desk.call, Report(Source.FETCH, "CA1", {"call_status": "unknown"}))
    desk.tell(3, "completed")
    seen = []
    for _ in range(3):
        store.pass_time(3)
        (parcel,) = desk.take()
        seen.append((parcel.name, parcel.number, parcel.event.get("correction")))
        desk.done(parcel, "delivered")

    assert seen == [("1:1", 0, None), ("1:failed", 1, None), ("1:3", 2, True)]


def test_an_event_that_fails_holds_back_the_later_ones_of_its_call_for_a_minute(desk: Desk) -> None:
    for sequence in range(3):
        desk.tell(sequence)
    (first,) = desk.take()
    desk.done(first, "failed", gap_seconds=100)
    desk.store.pass_time(59)
    assert desk.take() == []
    desk.store.pass_time(1)

    (second,) = desk.take()
    assert (second.name, second.number) == ("1:1", 1)
    desk.done(second, "delivered")
    assert desk.names() == [("1:2", 2)]


def test_an_event_under_way_holds_nothing_back_beyond_its_minute(desk: Desk) -> None:
    desk.tell(0)
    desk.tell(1)
    (first,) = desk.take()
    desk.done(first, "failed", gap_seconds=55)
    desk.store.pass_time(55)
    assert desk.names() == [("1:0", 0)]
    desk.store.pass_time(5)

    assert desk.names() == [("1:1", 1)]


def test_what_is_due_together_goes_by_number(desk: Desk) -> None:
    for sequence in range(3):
        desk.tell(sequence)
    for _ in range(3):
        (parcel,) = desk.take()
        desk.done(parcel, "failed", gap_seconds=300)
        desk.store.pass_time(61)
    desk.store.pass_time(300)
    seen = []
    for _ in range(3):
        (parcel,) = desk.take()
        seen.append(parcel.number)
        assert desk.take() == []
        desk.done(parcel, "delivered")

    assert seen == [0, 1, 2]


def test_after_a_day_an_event_is_given_up_counted_and_the_next_one_goes(desk: Desk) -> None:
    desk.tell(0)
    desk.tell(1)
    (parcel,) = desk.take()
    desk.store.pass_time(86_400)

    assert desk.done(parcel, "failed") == "given up"
    assert desk.store.task(desk.call)["undelivered"] == "1"
    assert desk.names() == [("1:1", 1)]


def test_the_day_begins_with_the_first_attempt_for_nobody_may_have_been_there_to_make_one(desk: Desk) -> None:
    desk.tell(0)
    desk.store.pass_time(2 * 86_400)  # no web process ran
    (parcel,) = desk.take()
    assert desk.done(parcel, "failed") == "kept"
    desk.store.pass_time(86_400)

    (again,) = desk.take()
    assert desk.done(again, "failed") == "given up"


def test_a_clock_that_was_set_back_holds_no_event_up(desk: Desk) -> None:
    desk.tell(0, "ringing")
    (first,) = desk.take()
    desk.done(first, "failed")
    desk.tell(1, "completed")
    desk.store.pass_time(-3600)  # everything lies an hour ahead now
    (again,) = desk.take()
    desk.done(again, "delivered")
    desk.store.pass_time(1.1)
    (last,) = desk.take()

    assert (again.number, last.number) == (0, 1)


def test_a_repetition_a_quarter_of_an_hour_ahead_is_no_clock_that_was_set_back(desk: Desk) -> None:
    desk.tell(0)
    (parcel,) = desk.take()
    desk.done(parcel, "failed", gap_seconds=899)

    assert desk.take() == []
