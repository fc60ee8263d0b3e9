"""Windows open and close the numbers of a campaign by the zones in which each may be called."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from schemas import keys
from schemas.campaigns.editing import edit
from schemas.campaigns.rows import Row
from schemas.explanation import WaitsFor
from schemas.hours.plan import Policy
from schemas.hours.setting import read_windows
from schemas.hours.window import Hours
from schemas.limits import Limits
from schemas.listing.calls import list_calls
from schemas.listing.now import now
from schemas.listing.waiting import waiting_counts
from schemas.scripts.begin import Go, Wait
from schemas.scripts.outcome import later
from tests.scripts.conftest import Store
from tests.scripts.explaining import alive, why
from tests.scripts.retrials import again, end
from tests.scripts.zones import (
    CHICAGO,
    DAYTIME,
    IN_LOS_ANGELES,
    IN_NEW_YORK,
    LOS_ANGELES,
    NEW_YORK,
    Clock,
    admitted,
    campaign,
    clock,
    sweep,
)

__all__ = ["clock"]


def test_nothing_begins_before_its_zones_were_looked_up(store: Store, clock: Clock) -> None:
    clock.set("2027-01-12T12:00", NEW_YORK)
    campaign(store, IN_NEW_YORK)
    assert admitted(store) == []
    assert store.ledger.clock("beat").sweep
    sweep(store)
    assert admitted(store) == ["1"]


def test_only_those_go_whose_windows_are_open_and_in_their_order(store: Store, clock: Clock) -> None:
    clock.set("2027-01-12T09:00", NEW_YORK)
    campaign(store, IN_LOS_ANGELES, IN_NEW_YORK, "+12135550101", "+12125550101")
    sweep(store)
    assert admitted(store) == ["2", "4"]
    clock.set("2027-01-12T08:00", LOS_ANGELES)
    assert admitted(store) == ["1", "3"]


def test_those_that_go_before_others_are_among_the_calls_of_all_tasks(store: Store, clock: Clock) -> None:
    clock.set("2027-01-12T09:00", NEW_YORK)
    its = campaign(store, IN_LOS_ANGELES, IN_NEW_YORK, "+12135550101", "+12125550101", "+12135550102")
    sweep(store)
    store.ledger.admit(50)
    seen = [store.scripts.run(list_calls([its], most)) for most in (10, 1)]
    assert [[call.call_id for call in calls] for calls in seen] == [[f"{its}-4", f"{its}-2"], [f"{its}-4"]]


def test_the_overview_tells_numbers_of_closed_windows_from_those_that_wait_for_their_turn(
    store: Store, clock: Clock
) -> None:
    clock.set("2027-01-12T09:00", NEW_YORK)
    campaign(store, IN_LOS_ANGELES, IN_NEW_YORK, "+12135550101")
    sweep(store)
    alive(store)

    def counted() -> dict[WaitsFor, int]:
        counts = waiting_counts(store.scripts.run(now(None, 10)), Limits(1000, 60_000, 50))
        return {word: count for word, count in counts.items() if count}

    assert WaitsFor.WINDOW not in counted()
    store.ledger.admit(50)
    assert counted() == {WaitsFor.WINDOW: 2}


def test_a_row_that_waits_again_waits_for_its_windows(store: Store, clock: Clock) -> None:
    clock.set("2027-01-12T20:59", NEW_YORK)
    its = campaign(store, IN_NEW_YORK)
    sweep(store)
    (call,) = store.ledger.admit(50)
    assert isinstance(store.ledger.begin(call, "attempt"), Go)
    clock.set("2027-01-12T20:59:55", NEW_YORK)
    store.outcome(call, later())
    sweep(store)
    clock.set("2027-01-12T22:00", NEW_YORK)
    assert admitted(store) == []
    sweep(store)
    told = why(store, its)
    assert told == "outside its calling windows, and is tried again after 2027-01-13T13:00:00Z"
    counts = waiting_counts(store.scripts.run(now(None, 10)), Limits(1000, 60_000, 50))
    assert counts[WaitsFor.WINDOW] == sum(counts.values()) == 1
    clock.set("2027-01-13T07:59:59", NEW_YORK)
    assert admitted(store) == []
    clock.set("2027-01-13T08:00", NEW_YORK)
    assert store.ledger.admit(50) == [call]


@pytest.mark.parametrize(
    ("number", "zones"),
    [
        ("+12195550100", [CHICAGO]),
        ("+12705550100", [CHICAGO, NEW_YORK]),
        ("+13645550100", [CHICAGO]),
        ("+14235550100", [CHICAGO, NEW_YORK]),
        ("+18505550100", [CHICAGO, NEW_YORK]),
    ],
)
def test_calls_leave_only_at_hours_at_which_all_their_zones_are_open(
    store: Store, clock: Clock, number: str, zones: list[str]
) -> None:
    times = ["07:59:59", "08:00:00", "08:00:01", "20:59:49", "20:59:50", "21:00:00"]
    instants = sorted(clock.set(f"2027-01-12T{time}", zone) for zone in zones for time in times)
    for at in instants:
        store.redis.flushall()
        clock.set(at.replace(tzinfo=None).isoformat(), str(at.tzinfo))
        campaign(store, number)
        sweep(store)
        local = [at.astimezone(ZoneInfo(zone)).time().isoformat() for zone in zones]
        open_everywhere = all("08:00:00" <= time < "20:59:50" for time in local)
        calls = store.ledger.admit(50)
        left = [call for call in calls if isinstance(store.ledger.begin(call, "attempt"), Go)]
        assert bool(left) == open_everywhere, local


def test_the_last_gate_holds_an_admitted_row_whose_windows_close(store: Store, clock: Clock) -> None:
    clock.set("2027-01-12T20:59:49", NEW_YORK)
    campaign(store, IN_NEW_YORK)
    sweep(store)
    (call,) = store.ledger.admit(50)
    clock.set("2027-01-12T20:59:50", NEW_YORK)
    assert isinstance(store.ledger.begin(call, "attempt"), Wait)


def test_a_row_is_called_where_its_client_says_that_it_is(store: Store, clock: Clock) -> None:
    clock.set("2027-01-12T09:00", NEW_YORK)
    campaign(store, Row(IN_NEW_YORK, timezone=LOS_ANGELES), Row(IN_LOS_ANGELES, timezone=NEW_YORK))
    sweep(store)
    assert admitted(store) == ["2"]


def test_windows_of_one_zone_ask_for_no_numbers_zone(store: Store, clock: Clock) -> None:
    clock.set("2027-01-12T09:00", NEW_YORK)
    hours = Hours(DAYTIME.windows, timezone=NEW_YORK)
    name = campaign(store, IN_NEW_YORK, "+1987654321", hours=hours)
    sweep(store)
    assert admitted(store) == ["1", "2"]
    assert set(store.redis.get(f"{keys.PREFIX}sets:{name}")) == {"0"}


def test_a_campaign_that_was_planned_under_another_policy_is_planned_anew(store: Store, clock: Clock) -> None:
    clock.set("2027-01-12T09:00", NEW_YORK)
    policy = Policy(read_windows("mon-sun 08:00-21:00"))
    store.ledger._policy = policy.name
    store.campaign(IN_LOS_ANGELES, IN_NEW_YORK, max_live=10, delay_seconds=0.001)
    calls = store.ledger.admit(50)
    assert len(calls) == 2
    for call in calls:
        assert isinstance(store.ledger.begin(call, "attempt"), Wait)
        store.ledger.put_back(call)
    assert admitted(store) == []
    sweep(store, policy)
    (call,) = store.ledger.admit(50)
    assert call.endswith("-2")
    assert isinstance(store.ledger.begin(call, "attempt"), Go)


def test_days_off_are_of_the_place_where_the_called_party_is(store: Store, clock: Clock) -> None:
    clock.set("2027-01-12T23:30", LOS_ANGELES)  # the 13th in New York
    hours = Hours(read_windows("mon-sun 00:00-24:00").windows, frozenset({date(2027, 1, 13)}))
    campaign(store, IN_NEW_YORK, IN_LOS_ANGELES, hours=hours)
    sweep(store)
    assert admitted(store) == ["2"]


def test_what_waited_for_an_opening_goes_by_its_own_time_once_the_windows_are_edited(
    store: Store, clock: Clock
) -> None:
    clock.set("2027-01-12T12:00", NEW_YORK)
    its = campaign(store, IN_NEW_YORK)
    sweep(store)
    (call,) = store.ledger.admit(50)
    end(store, call, "busy", "CA1")
    again(store, its, "b", delay_ms=10 * 3_600_000)
    clock.set("2027-01-12T22:00", NEW_YORK)
    sweep(store)
    assert admitted(store) == []  # it is put off until the morning
    store.scripts.run(edit(its, {"windows": None, "unplanned": "1"}, "an edit"))
    sweep(store)
    while store.ledger.step():
        pass
    assert admitted(store) == ["1"]
