"""Over workers at any mix of distances, no window at Twilio's end sees more requests than it may, and few fewer."""

from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.e2e.oracle import most_in_any_window
from tests.scripts.clockwork import Clockwork, clockwork

SECOND_US = 1_000_000
#: Most messages come in time.
TIMELY_US = tuple(range(1000, 11_000, 500))
LATE_MESSAGES_US = st.lists(st.integers(100_000, 1_200_000), max_size=3)
WAYS_US = st.lists(st.integers(0, 150_000), min_size=1, max_size=4)
ANSWERS_US = st.lists(st.integers(0, 1_200_000) | st.none(), min_size=1, max_size=6)
LATE_US = st.lists(st.integers(0, 100_000) | st.just(0), min_size=1, max_size=6)


def _check_windows(clock: Clockwork, calls_a_second: int, campaigns: list[str]) -> None:
    instants = sorted(at_us for at_us, _ in clock.arrivals)
    assert most_in_any_window(instants, SECOND_US) <= calls_a_second
    singles = sorted(at_us for at_us, call in clock.arrivals if not call.startswith(tuple(campaigns)))
    assert most_in_any_window(singles, 2 * SECOND_US) <= calls_a_second
    for campaign in campaigns:
        own = sorted(at_us for at_us, call in clock.arrivals if call.startswith(campaign))
        assert all(later - earlier >= SECOND_US for earlier, later in pairwise(own))


def test_no_window_at_twilios_end_is_exceeded(redis: Any) -> None:
    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from([1, 10, 50]), WAYS_US, LATE_MESSAGES_US, LATE_US, ANSWERS_US, st.integers(0, 2**16))
    def holds(
        calls_a_second: int,
        ways_us: list[int],
        messages_us: list[int],
        late_us: list[int],
        answers_us: list[int | None],
        seed: int,
    ) -> None:
        clock = Clockwork(
            redis,
            calls_a_second,
            calls_a_second * 30,
            ways_us,
            Random(seed),
            (*TIMELY_US, *messages_us),
            late_us,
            answers_us,
        )
        seconds = {1: 20, 10: 4, 50: 3}[calls_a_second]
        numbers = [f"+1202555{index:04d}" for index in range(seconds)]
        campaigns = [clock.store.campaign(*numbers, max_live=1000) for _ in range(min(calls_a_second, 20))]
        for _ in range(calls_a_second * seconds):
            clock.store.call()
        clock.run(seconds)
        assert clock.arrivals
        _check_windows(clock, calls_a_second, campaigns)

    with clockwork():
        holds()


@pytest.mark.parametrize(("calls_a_second", "seconds"), [(1, 60), (10, 30), (50, 10)])
def test_of_its_limit_an_account_uses_nearly_all(redis: Any, calls_a_second: int, seconds: int) -> None:
    with clockwork():
        clock = Clockwork(
            redis,
            calls_a_second,
            calls_a_second * 60,
            (0, 25_000, 75_000, 150_000),
            Random(1),
            messages_us=range(1000, 11_000),
            late_us=range(5000),
            answers_us=range(5000, 200_000),
        )
        for _ in range(calls_a_second * (seconds + 3)):
            clock.store.call()
        clock.run(seconds + 1)
    instants = sorted(at_us for at_us, _ in clock.arrivals)
    used = [at_us for at_us in instants if at_us > instants[0] + SECOND_US]  # until the first told its distance

    assert most_in_any_window(instants, SECOND_US) <= calls_a_second
    assert (len(used) - 1) / (used[-1] - used[0]) * SECOND_US >= 0.97 * calls_a_second
