"""What a machine takes is told apart from what a program takes."""

import re
from types import SimpleNamespace

import pytest

from tests.machine import Machine, quickest
from tests.processes import ROOT

REST_SECONDS = 0.01
WORK_SECONDS = 0.001
#: Of five rounds: how much longer the rest took, and how many times as long the work.
STALLS = [1.0, 0.0, 0.2, 0.0, 0.0]
SLOWNESS = [1, 1, 1, 8, 8]


@pytest.fixture
def ends(machine: Machine) -> list[float]:
    """When the rounds ended."""
    return [one.ended for one in machine._rounds]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """One that is as busy as that."""
    one = Machine()
    now, stalls, slowness = one._began, [*STALLS], [*SLOWNESS]

    def sleep(_: float) -> None:
        nonlocal now
        now += REST_SECONDS + stalls.pop(0)

    def work(_: object) -> None:
        nonlocal now
        now += WORK_SECONDS * slowness.pop(0)
        if not slowness:
            one._over.set()

    monkeypatch.setattr("tests.machine.time", SimpleNamespace(time=lambda: now, sleep=sleep))
    monkeypatch.setattr("tests.machine.sum", work, raising=False)
    one._run()
    monkeypatch.undo()
    return one


def test_what_a_rest_took_longer_is_taken_off(machine: Machine, ends: list[float]) -> None:
    assert machine.worst_seconds == pytest.approx(1.0, abs=1e-6)
    assert machine.seconds(ends[0], ends[2]) == pytest.approx(2 * (REST_SECONDS + WORK_SECONDS), abs=1e-6)
    assert machine.seconds(ends[0], ends[1]) == pytest.approx(REST_SECONDS + WORK_SECONDS, abs=1e-6)


def test_of_a_rest_that_is_cut_no_more_than_its_part_is_taken_off(machine: Machine, ends: list[float]) -> None:
    assert machine.seconds(ends[1] + 0.1, ends[1] + 0.15) == pytest.approx(0, abs=1e-6)
    assert machine.seconds(ends[0] - 0.5, ends[1]) == pytest.approx(REST_SECONDS + WORK_SECONDS, abs=1e-6)


def test_where_work_takes_eight_times_as_long_so_may_everything(machine: Machine, ends: list[float]) -> None:
    assert machine.seconds(ends[2], ends[4]) == pytest.approx((ends[4] - ends[2]) / 8, abs=1e-6)


def test_from_a_slow_program_on_a_machine_that_is_not_busy_nothing_is_taken_off(
    machine: Machine, ends: list[float]
) -> None:
    assert machine.seconds(ends[4] + 5, ends[4] + 8) == pytest.approx(3)


def test_a_window_is_shortened_by_the_worst_and_never_to_nothing(machine: Machine) -> None:
    assert machine.shortened(10.0) == pytest.approx(9.0, abs=1e-6)
    assert machine.shortened(0.5) > 0


def test_no_test_holds_an_upper_bound_of_the_clock_on_the_wall() -> None:
    held = re.compile(r"assert .*\btime\.(time|monotonic|perf_counter)\(\) - .*<")
    tests = [file for file in ROOT.joinpath("tests").rglob("test_*.py") if held.search(file.read_text("utf-8"))]
    assert tests == []


def test_of_what_is_measured_again_and_again_the_first_that_is_enough_counts_or_else_the_least() -> None:
    waiting = [0.5, 0.3, 0.1, 0.4, *[0.9] * 20]
    assert (quickest(lambda: waiting.pop(0), 0.2), len(waiting)) == (0.1, 21)
    assert (quickest(lambda: waiting.pop(0), 0.2), len(waiting)) == (0.4, 1)


def test_a_stopwatch_runs_while_the_machine_does() -> None:
    with Machine() as one:
        watch = one.stopwatch()
        while watch.seconds < 0.1:
            pass
    assert one._rounds
