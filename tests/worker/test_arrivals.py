"""By when a request had reached Twilio."""

import pytest

from worker.arrivals import MOST_WAY_SECONDS, Arrivals
from worker.departure import Departure


def answered_after(seconds: float, late_seconds: float = 0.0) -> Departure:
    return Departure(100.0, 100.0, 1.0, left=101.0 + late_seconds, answered=101.0 + late_seconds + seconds)


def seen(*answer_seconds: float) -> Arrivals:
    arrivals = Arrivals()
    for seconds in answer_seconds:
        arrivals.late_seconds(answered_after(seconds))
    return arrivals


def test_an_answer_in_the_usual_time_tells_of_no_delay_but_the_workers_own() -> None:
    arrivals = seen(0.15, 0.15, 0.15)

    assert arrivals.late_seconds(answered_after(0.15)) == pytest.approx(0.0)
    assert arrivals.late_seconds(answered_after(0.15, late_seconds=0.03)) == pytest.approx(0.03)


def test_an_answer_that_took_longer_tells_of_a_request_that_may_have_too() -> None:
    arrivals = seen(0.15, 0.15, 0.15)

    assert arrivals.late_seconds(answered_after(0.17)) == pytest.approx(0.02)
    assert arrivals.late_seconds(answered_after(0.90)) == pytest.approx(MOST_WAY_SECONDS)


def test_what_is_usual_is_what_most_of_the_last_fifty_answers_took() -> None:
    assert seen(0.15, 0.15, 0.15, 0.05).late_seconds(answered_after(0.15)) == pytest.approx(0.0)
    assert seen(*[0.15] * 200, *[0.30] * 50).late_seconds(answered_after(0.30)) == pytest.approx(0.0)


def test_without_an_answer_nothing_is_known() -> None:
    assert Arrivals().late_seconds(Departure(100.0, 100.0, 1.0, left=101.0)) is None
    assert Arrivals().late_seconds(Departure(100.0, 100.0, 1.0)) is None
