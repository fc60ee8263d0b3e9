"""Windows of local time open and close when clocks on the wall there say so."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemas.hours.opening import GUARD_MS, MOST_DAYS, Opening, Rule, next_opening
from schemas.hours.window import DAY_MINUTES, Hours, Window

EVERY_DAY = frozenset(range(7))
#: Clocks that change by an hour, half an hour, at midnight, in Ramadan, never, and far from UTC on both sides.
ZONES = [
    "America/New_York", "America/Chicago", "America/St_Johns", "America/Phoenix", "Asia/Beirut", "Asia/Kolkata",
    "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Chatham", "Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC",
]  # fmt: skip
#: Around changes of clocks of those zones, and elsewhere.
CHANGES = [
    datetime(2027, 3, 14, 7), datetime(2027, 11, 7, 6), datetime(2027, 3, 27, 22), datetime(2027, 10, 30, 21),
    datetime(2027, 4, 3, 15), datetime(2027, 10, 2, 15, 30), datetime(2027, 2, 7, 2), datetime(2027, 3, 14, 2),
    datetime(2027, 9, 25, 14), datetime(2027, 12, 31, 23),
]  # fmt: skip
HORIZON_MINUTES = 3 * DAY_MINUTES


def at(text: str, zone: str = "UTC") -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def daily(start: str, end: str, days: frozenset[int] = EVERY_DAY, off: tuple[date, ...] = ()) -> Hours:
    first, last = (int(text[:2]) * 60 + int(text[3:]) for text in (start, end))
    return Hours((Window.read(days, first, last),), frozenset(off))


def opening(hours: Hours, *zones: str, now: int, until: int | None = None) -> Opening | None:
    return next_opening([Rule(hours, zones)], now, until if until is not None else now + MOST_DAYS * 86_400_000)


def shown(minute: int, zone: str) -> datetime:
    return datetime.fromtimestamp(minute * 60, ZoneInfo(zone)).replace(tzinfo=None)


def is_open(hours: Hours, zone: str, minute: int) -> bool:
    """As one would read it from a clock and a calendar on the wall."""
    wall = shown(minute, zone)
    time = wall.hour * 60 + wall.minute
    today, before = wall.date(), wall.date() - timedelta(days=1)
    for window in hours.windows:
        begins_today = window.start <= time < window.end
        began_yesterday = time + DAY_MINUTES < window.end
        if begins_today and today.weekday() in window.days and today not in hours.days_off:
            return True
        if began_yesterday and before.weekday() in window.days and before not in hours.days_off:
            return True
    return False


minutes_of_day = st.integers(0, DAY_MINUTES // 15 - 1).map(lambda quarter: quarter * 15)
windows = st.builds(
    Window.read, st.frozensets(st.integers(0, 6), min_size=1), minutes_of_day, minutes_of_day.map(lambda m: m + 15)
)
instants = st.builds(
    lambda change, minutes: int((change + timedelta(minutes=minutes)).replace(tzinfo=UTC).timestamp()) // 60,
    st.sampled_from(CHANGES),
    st.integers(-2 * DAY_MINUTES, DAY_MINUTES),
)


@st.composite
def rules(draw: st.DrawFn) -> tuple[int, list[Rule]]:
    """An instant, and hours with days off around it, in one zone or several."""
    minute = draw(instants)
    today = shown(minute, "UTC").date()
    off = st.frozensets(st.integers(-2, 5).map(lambda days: today + timedelta(days=days)), max_size=3)
    hours = st.builds(Hours, st.lists(windows, min_size=1, max_size=3).map(tuple), off)
    zones = st.lists(st.sampled_from(ZONES), min_size=1, max_size=2).map(tuple)
    return minute, draw(st.lists(st.builds(Rule, hours, zones), min_size=1, max_size=2))


@settings(max_examples=80, deadline=None)
@given(rules())
@example((int(datetime(2027, 3, 14, 6, tzinfo=UTC).timestamp()) // 60, [Rule(daily("02:00", "03:00"), (ZONES[0],))]))
@example((int(datetime(2027, 11, 7, 4, tzinfo=UTC).timestamp()) // 60, [Rule(daily("01:15", "01:45"), (ZONES[0],))]))
def test_openings_are_those_that_clocks_on_the_wall_show(case: tuple[int, list[Rule]]) -> None:
    minute, kept = case
    open_at = [
        all(is_open(rule.hours, zone, minute + ahead) for rule in kept for zone in rule.zones)
        for ahead in range(HORIZON_MINUTES)
    ]
    found = next_opening(kept, minute * 60_000, (minute + HORIZON_MINUTES) * 60_000)
    if True not in open_at:
        assert found is None
        return
    first = open_at.index(True)
    last = open_at.index(False, first) if False in open_at[first:] else None
    assert found is not None
    assert found.opens_ms == (minute + first) * 60_000
    if last is not None:
        assert found.closes_ms == (minute + last) * 60_000 - GUARD_MS
    else:
        assert found.closes_ms >= (minute + HORIZON_MINUTES) * 60_000 - GUARD_MS


def test_a_window_that_is_open_is_open_from_now_until_its_last_ten_seconds() -> None:
    now = at("2027-01-12T12:00", "America/Chicago") + 1
    assert opening(daily("08:00", "21:00"), "America/Chicago", now=now) == Opening(
        now, at("2027-01-12T20:59:50", "America/Chicago")
    )


def test_in_its_last_ten_seconds_the_next_opening_counts() -> None:
    found = opening(daily("08:00", "21:00"), "America/Chicago", now=at("2027-01-12T20:59:50", "America/Chicago"))
    assert found is not None
    assert found.opens_ms == at("2027-01-13T08:00", "America/Chicago")


def test_days_that_touch_are_one_opening() -> None:
    always = daily("00:00", "24:00", off=(date(2027, 1, 20),))
    found = opening(always, "UTC", now=at("2027-01-12T23:59:55"))
    assert found == Opening(at("2027-01-12T23:59:55"), at("2027-01-20T00:00") - GUARD_MS)


def test_what_never_closes_is_open_for_a_year() -> None:
    now = at("2027-01-12T12:00")
    found = opening(daily("00:00", "24:00"), "UTC", "America/New_York", now=now)
    assert found is not None
    assert found.opens_ms == now
    assert found.closes_ms > now + 360 * 86_400_000


def test_a_window_over_midnight_belongs_to_the_day_that_it_begins_on() -> None:
    friday_nights = daily("22:00", "02:00", days=frozenset({4}), off=(date(2027, 1, 15),))
    found = opening(friday_nights, "Europe/Berlin", now=at("2027-01-15T12:00", "Europe/Berlin"))
    assert found == Opening(at("2027-01-22T22:00", "Europe/Berlin"), at("2027-01-23T02:00", "Europe/Berlin") - GUARD_MS)


def test_a_window_that_the_clocks_skip_is_not_there_that_day() -> None:
    found = opening(daily("02:15", "02:45"), "America/New_York", now=at("2027-03-14T01:00", "America/New_York"))
    assert found is not None
    assert found.opens_ms == at("2027-03-15T02:15", "America/New_York")


def test_in_an_hour_that_the_clocks_repeat_a_window_is_open_twice() -> None:
    first = opening(daily("01:15", "01:45"), "America/New_York", now=at("2027-11-07T05:00"))
    assert first == Opening(at("2027-11-07T05:15"), at("2027-11-07T05:45") - GUARD_MS)
    second = opening(daily("01:15", "01:45"), "America/New_York", now=first.closes_ms)
    assert second == Opening(at("2027-11-07T06:15"), at("2027-11-07T06:45") - GUARD_MS)


def test_several_zones_are_open_together() -> None:
    found = opening(daily("08:00", "21:00"), "America/New_York", "America/Chicago", now=at("2027-01-12T00:00"))
    assert found == Opening(at("2027-01-12T00:00"), at("2027-01-12T02:00") - GUARD_MS)
    found = opening(daily("08:00", "21:00"), "America/New_York", "America/Chicago", now=at("2027-01-12T02:00"))
    assert found is not None
    assert found.opens_ms == at("2027-01-12T08:00", "America/Chicago")


def test_zones_that_are_never_open_together_have_no_opening() -> None:
    assert opening(daily("09:00", "17:00"), "Pacific/Guam", "America/New_York", "America/Los_Angeles", now=0) is None


def test_what_opens_only_after_the_last_instant_that_counts_does_not_open() -> None:
    now = at("2027-01-12T00:00")
    assert opening(daily("08:00", "21:00"), "UTC", now=now, until=at("2027-01-12T08:00")) is None
    assert opening(daily("08:00", "21:00"), "UTC", now=now, until=at("2027-01-12T08:00") + 1) is not None


@pytest.mark.parametrize(("days", "opens"), [(365, True), (367, False)])
def test_what_opens_within_366_days_opens(days: int, opens: bool) -> None:
    off = tuple(date(2027, 1, 1) + timedelta(days=number) for number in range(days))
    found = opening(daily("08:00", "21:00", off=off), "UTC", now=at("2027-01-01T00:00"))
    assert (found is not None) == opens
