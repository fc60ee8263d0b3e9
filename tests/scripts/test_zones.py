"""Windows open and close the numbers of a campaign by the zones in which each may be called."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from redis import Redis

from schemas import keys
from schemas.campaigns.rows import Row
from schemas.hours.plan import Policy
from schemas.hours.setting import read_windows
from schemas.hours.window import Hours
from schemas.scripts.begin import Go, Wait
from schemas.scripts.outcome import later
from tests.scripts.clockwork import clockwork
from tests.scripts.conftest import Store
from worker.calls.planning import plan_closed

NEW_YORK, CHICAGO, LOS_ANGELES = "America/New_York", "America/Chicago", "America/Los_Angeles"
IN_NEW_YORK, IN_LOS_ANGELES = "+12125550100", "+12135550100"
DAYTIME = read_windows("mon-sun 08:00-21:00")
NONE = Policy()


class Clock:
    """The time of all scripts."""

    def __init__(self, redis: Any) -> None:
        self._redis = redis

    def set(self, text: str, zone: str) -> datetime:
        at = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))
        self._redis.hset("clock", mapping={"seconds": int(at.timestamp()), "microseconds": 0})
        return at


@pytest.fixture
def clock(redis: "Redis") -> Any:
    with clockwork():
        yield Clock(redis)


def campaign(store: Store, *rows: Row | str, hours: Hours | None = DAYTIME, **options: Any) -> str:
    """A campaign whose rows have windows, as it is accepted: nothing of it is planned."""
    given = [row if isinstance(row, Row) else Row(row) for row in rows]
    own = {"windows": hours.text()} if hours else {}
    return store.campaign(*given, max_live=1000, unplanned=1, delay_seconds=0.001, **own, **options)


def sweep(store: Store, policy: Policy = NONE) -> None:
    while plan_closed(store.ledger, policy):
        pass


def admitted(store: Store) -> list[str]:
    return [str(int(call.rpartition("-")[2])) for call in store.ledger.admit(50)]


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


def test_a_row_that_waits_again_waits_for_its_windows(store: Store, clock: Clock) -> None:
    clock.set("2027-01-12T20:59", NEW_YORK)
    campaign(store, IN_NEW_YORK)
    sweep(store)
    (call,) = store.ledger.admit(50)
    assert isinstance(store.ledger.begin(call, "attempt"), Go)
    clock.set("2027-01-12T20:59:55", NEW_YORK)
    store.outcome(call, later())
    sweep(store)
    clock.set("2027-01-12T22:00", NEW_YORK)
    assert admitted(store) == []
    sweep(store)
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


def test_what_has_not_begun_by_a_campaigns_end_expires(store: Store, clock: Clock) -> None:
    end = clock.set("2027-01-12T12:00", NEW_YORK)
    clock.set("2027-01-12T11:00", NEW_YORK)
    ends = {"expires_ms": round(end.timestamp() * 1000)}
    name = store.campaign(*(Row(f"+1212555{n:04}") for n in range(5)), max_live=2, delay_seconds=0.001, **ends)
    for second, call in enumerate(store.ledger.admit(50)):
        clock.set(f"2027-01-12T11:00:{second:02}", NEW_YORK)
        assert isinstance(store.ledger.begin(call, "attempt"), Go)
    clock.set("2027-01-12T12:00", NEW_YORK)
    sweep(store)
    while store.ledger.step():
        pass
    assert store.redis.get(f"{keys.PREFIX}marks:{name}") == "lleee"
    assert store.task(name)["canceled"] == "3"
    assert admitted(store) == []


def test_a_row_that_has_not_begun_by_its_own_end_expires_alone(store: Store, clock: Clock) -> None:
    now = clock.set("2027-01-12T03:00", NEW_YORK)
    ends_ms = round((now + timedelta(hours=1)).timestamp() * 1000)
    name = campaign(store, Row(IN_NEW_YORK, expires_ms=ends_ms), "+12125550101")
    sweep(store)
    clock.set("2027-01-12T04:00", NEW_YORK)
    sweep(store)
    assert store.redis.get(f"{keys.PREFIX}marks:{name}") == "ew"
    clock.set("2027-01-12T08:00", NEW_YORK)
    assert admitted(store) == ["2"]


def test_a_hundred_thousand_numbers_whose_windows_close_at_one_instant_are_planned_at_once(store: Store) -> None:
    now = datetime.now(UTC)
    opens = now.strftime("%H:00")
    hours = Hours(read_windows(f"mon-sun {opens}-{opens}").windows, frozenset({now.date() + timedelta(days=1)}), "UTC")
    name = campaign(store, *(f"+1212{n:07}" for n in range(1000)), hours=hours)
    rows, marks = f"{keys.PREFIX}rows:{name}", f"{keys.PREFIX}marks:{name}"
    for page in range(1, 100):
        store.redis.rpush(rows, *(f"1212{page:02}{n:05}" for n in range(1000)))
        store.redis.append(marks, "w" * 1000)
    store.redis.hset(keys.task(name), "total", 100_000)
    sweep(store)
    (member,) = [one for one in store.redis.zrange(f"{keys.PREFIX}closing", 0, -1) if "#" in one]
    letter = member.partition("#")[2]
    store.redis.hset(f"{keys.PREFIX}zones:{name}", f"{letter}:closes_ms", store.now_ms())
    store.redis.zadd(f"{keys.PREFIX}closing", {member: store.now_ms()})
    runs = store.redis.info("commandstats")["cmdstat_evalsha"]["calls"]
    sweep(store)
    assert store.redis.info("commandstats")["cmdstat_evalsha"]["calls"] - runs <= 3
    assert int(store.redis.hget(f"{keys.PREFIX}zones:{name}", f"{letter}:closes_ms")) > store.now_ms()


def test_days_off_are_of_the_place_where_the_called_party_is(store: Store, clock: Clock) -> None:
    clock.set("2027-01-12T23:30", LOS_ANGELES)  # the 13th in New York
    hours = Hours(read_windows("mon-sun 00:00-24:00").windows, frozenset({date(2027, 1, 13)}))
    campaign(store, IN_NEW_YORK, IN_LOS_ANGELES, hours=hours)
    sweep(store)
    assert admitted(store) == ["2"]
