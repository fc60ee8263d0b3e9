"""What has not begun by an end expires, and windows of very many numbers close at once."""

from datetime import UTC, datetime, timedelta

from schemas import keys
from schemas.campaigns.rows import Row
from schemas.hours.setting import read_windows
from schemas.hours.window import Hours
from schemas.scripts.begin import Go
from tests.scripts.conftest import Store
from tests.scripts.zones import (
    IN_NEW_YORK,
    NEW_YORK,
    Clock,
    admitted,
    campaign,
    clock,
    sweep,
)

__all__ = ["clock"]


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
