"""How far away Twilio is, from the round trips of the last minutes."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from worker.twilio import round_trips
from worker.twilio.round_trips import RoundTrips

REMEMBERED_SECONDS = 300


class Clock:
    """Stands still but for what tests add."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(round_trips, "time", clock)
    return clock


@pytest.mark.usefixtures("clock")
def test_the_way_is_half_of_the_smallest_round_trip() -> None:
    trips = RoundTrips()
    assert (trips.smallest_seconds, trips.way_seconds) == (0, 0)
    for seconds in (0.3, 0.1, 0.2):
        trips.handshakes.note(seconds)

    assert (trips.smallest_seconds, trips.way_seconds) == (0.1, 0.05)
    for seconds in (0.3, 0.08, 0.2):
        trips.answers.note(seconds)
    assert (trips.smallest_seconds, trips.way_seconds) == (0.08, 0.04)


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("kind", ["handshakes", "answers"])
def test_fewer_than_three_tell_nothing_as_a_busy_machine_may_have_held_them_up(kind: str) -> None:
    trips = RoundTrips()
    noted = getattr(trips, kind)

    assert [(noted.note(0.1), trips.way_seconds) for _ in range(3)] == [(False, 0), (False, 0), (True, 0.05)]


def test_what_was_smaller_minutes_ago_is_forgotten(clock: Clock) -> None:
    trips = RoundTrips()
    trips.handshakes.note(0.1)
    clock.now += REMEMBERED_SECONDS - 1
    for seconds in (0.2, 0.3, 0.3, 0.3):
        trips.handshakes.note(seconds)
    assert trips.smallest_seconds == 0.1
    clock.now += 2
    trips.handshakes.note(0.3)

    assert trips.smallest_seconds == 0.2


def test_a_single_one_after_a_long_time_does_not_stand_for_all(clock: Clock) -> None:
    trips = RoundTrips()
    for seconds in (0.1, 0.2, 0.3):
        trips.handshakes.note(seconds)
    clock.now += 2 * REMEMBERED_SECONDS
    told = []
    for _ in range(3):
        trips.handshakes.note(0.4)
        told.append(trips.smallest_seconds)

    assert told == [0.2, 0.3, 0.4]


@pytest.mark.usefixtures("clock")
def test_no_way_is_taken_for_longer_than_the_scripts_plan_for() -> None:
    trips = RoundTrips()
    for _ in range(3):
        trips.answers.note(2.0)

    assert trips.way_seconds == 0.25


@settings(suppress_health_check=list(HealthCheck), deadline=None)
@given(st.lists(st.tuples(st.floats(0, 200), st.floats(0.001, 1)), min_size=1, max_size=50))
def test_after_each_one_the_smallest_is_that_of_the_last_minutes_and_of_the_last_three(
    clock: Clock, steps: list[tuple[float, float]]
) -> None:
    trips, noted = RoundTrips(), []
    for passing_seconds, seconds in steps:
        clock.now += passing_seconds
        trips.handshakes.note(seconds)
        noted.append((clock.now, seconds))
        recent = [one for when, one in noted[:-3] if when >= clock.now - REMEMBERED_SECONDS]
        last = [one for _, one in noted[-3:]]
        assert trips.smallest_seconds == (min(recent + last) if len(noted) >= 3 else 0)
