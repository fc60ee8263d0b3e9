"""Wall times become the instants that people mean."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.hours.database import zone_named
from schemas.moment import check_not_too_far, parse_moment, utc_text

NEW_YORK = "America/New_York"
ZONES = sorted(available_timezones() - {"localtime"})
INSTANTS = st.datetimes(datetime(1971, 1, 1), datetime(2105, 1, 1), timezones=st.just(UTC))


def instant(text: str, zone: str = NEW_YORK) -> str:
    return parse_moment(text, zone_named(zone)).isoformat()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2027-01-15T14:00:00Z", "2027-01-15T14:00:00+00:00"),
        ("2027-01-15t14:00:00z", "2027-01-15T14:00:00+00:00"),
        ("2027-01-15 14:00Z", "2027-01-15T14:00:00+00:00"),
        ("2027-01-15T14:00:00.250Z", "2027-01-15T14:00:00.250000+00:00"),
        ("2027-01-15T14:00:00,5Z", "2027-01-15T14:00:00.500000+00:00"),
        ("2027-01-15T14:00:00+05:30", "2027-01-15T08:30:00+00:00"),
        ("2027-01-15T14:00:00-0330", "2027-01-15T17:30:00+00:00"),
        ("2027-01-15T23:30:00-14:00", "2027-01-16T13:30:00+00:00"),
        ("2028-02-29T00:00:00Z", "2028-02-29T00:00:00+00:00"),
        ("2027-01-15T14:00:00.0000000Z", "2027-01-15T14:00:00+00:00"),
        ("2027-01-15T14:00:00.123456789Z", "2027-01-15T14:00:00.123456+00:00"),
        ("2027-01-15T14:00:00.1234567+05:30", "2027-01-15T08:30:00.123456+00:00"),
        ("2027-01-15T14:00:00," + "3" * 100 + "Z", "2027-01-15T14:00:00.333333+00:00"),
        ("20270115T140000Z", "2027-01-15T14:00:00+00:00"),
        ("20270115T1400+0530", "2027-01-15T08:30:00+00:00"),
        ("20270115 14Z", "2027-01-15T14:00:00+00:00"),
        ("2027-01-15T14Z", "2027-01-15T14:00:00+00:00"),
        ("2027-01-15T14:00:00+05", "2027-01-15T09:00:00+00:00"),
        ("2027-01-15T14:00:00-00:00", "2027-01-15T14:00:00+00:00"),
        ("2027-01-15T14:00:00+05:30:15", "2027-01-15T08:29:45+00:00"),
        ("2027-W02-5T14:00:00Z", "2027-01-15T14:00:00+00:00"),
        ("2027W025T140000Z", "2027-01-15T14:00:00+00:00"),
        ("2027-w02-5t14:00z", "2027-01-15T14:00:00+00:00"),
    ],
)
@pytest.mark.parametrize("zone", [NEW_YORK, "Asia/Kolkata"])
def test_an_offset_wins_over_the_zone(text: str, expected: str, zone: str) -> None:
    assert instant(text, zone) == expected


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2027-01-15T14:00:00", "Asia/Kolkata", "2027-01-15T08:30:00+00:00"),
        ("2027-01-15T14:00:00", NEW_YORK, "2027-01-15T19:00:00+00:00"),
        ("2027-07-15T14:00:00", NEW_YORK, "2027-07-15T18:00:00+00:00"),
        ("2027-01-15T14:00", "Asia/Kathmandu", "2027-01-15T08:15:00+00:00"),
        ("2027-01-15T14:00:00", "UTC", "2027-01-15T14:00:00+00:00"),
        ("2027-01-01T01:00:00", "Pacific/Kiritimati", "2026-12-31T11:00:00+00:00"),
    ],
)
def test_a_time_without_offset_is_wall_time_of_the_zone(text: str, zone: str, expected: str) -> None:
    assert instant(text, zone) == expected


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("2027-03-14T02:30:00", NEW_YORK),
        ("2027-03-14T02:00:00", NEW_YORK),
        ("2027-03-14T02:59:59.999999", NEW_YORK),
        ("2027-03-28T02:30:00", "Europe/Berlin"),
        ("2026-10-04T02:15:00", "Australia/Lord_Howe"),
        ("2011-12-30T12:00:00", "Pacific/Apia"),
    ],
)
def test_a_wall_time_that_a_clock_change_skips_is_refused(text: str, zone: str) -> None:
    with pytest.raises(ValueError, match=f"does not exist in {zone}: a clock change skips it"):
        instant(text, zone)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2027-03-14T01:59:59", "2027-03-14T06:59:59+00:00"), ("2027-03-14T03:00:00", "2027-03-14T07:00:00+00:00")],
)
def test_the_edges_of_the_gap_exist(text: str, expected: str) -> None:
    assert instant(text) == expected


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2026-11-01T01:30:00", NEW_YORK, "2026-11-01T05:30:00+00:00"),
        ("2026-10-25T02:30:00", "Europe/Berlin", "2026-10-25T00:30:00+00:00"),
        ("2027-04-04T01:45:00", "Australia/Lord_Howe", "2027-04-03T14:45:00+00:00"),
    ],
)
def test_a_wall_time_that_occurs_twice_means_the_first(text: str, zone: str, expected: str) -> None:
    assert instant(text, zone) == expected


@given(moment=INSTANTS, name=st.sampled_from(ZONES))
def test_wall_time_and_back_is_the_same_instant_or_the_earlier_of_two(moment: datetime, name: str) -> None:
    zone = ZoneInfo(name)
    wall = moment.astimezone(zone)
    parsed = parse_moment(wall.replace(tzinfo=None).isoformat(), zone)
    assert parsed.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None)
    assert parsed < moment if wall.fold else parsed == moment


@given(moment=INSTANTS, minutes=st.integers(-1439, 1439))
def test_any_offset_and_back_is_the_same_instant(moment: datetime, minutes: int) -> None:
    offset = timedelta(minutes=abs(minutes))
    hhmm = f"{'-' if minutes < 0 else '+'}{offset.seconds // 3600:02}:{offset.seconds // 60 % 60:02}"
    local = (moment + (offset if minutes >= 0 else -offset)).replace(tzinfo=None)
    assert parse_moment(local.isoformat() + hhmm, ZoneInfo(NEW_YORK)) == moment


DAYS = st.sampled_from(["%Y-%m-%d", "%Y%m%d", "%G-W%V-%u", "%GW%V%u"])
TIMES = st.sampled_from(["%H", "%H:%M", "%H%M", "%H:%M:%S", "%H%M%S"])
OFFSETS = st.sampled_from(["", "Z", "z", "+05:30", "-0330", "+14", "-00:00", "+05:30:15"])


@given(
    moment=st.datetimes(datetime(2000, 1, 3), datetime(2105, 1, 1)),
    day=DAYS,
    between=st.sampled_from("Tt "),
    time=TIMES,
    fraction=st.from_regex(r"([.,][0-9]{1,30})?", fullmatch=True),
    offset=OFFSETS,
)
def test_every_form_of_a_day_and_a_time_is_read_as_python_reads_it(
    moment: datetime, day: str, between: str, time: str, fraction: str, offset: str
) -> None:
    text = moment.strftime(day) + between + moment.strftime(time) + (fraction if "S" in time else "") + offset
    read = datetime.fromisoformat(text.upper())
    expected = read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
    assert parse_moment(text, ZoneInfo("UTC")) == expected


def test_exactly_365_days_ahead_is_not_too_far() -> None:
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    check_not_too_far(now + timedelta(days=365), now)
    with pytest.raises(ValueError, match=r"^Must be at most 365 days ahead\.$"):
        check_not_too_far(now + timedelta(days=365, microseconds=1), now)


@given(INSTANTS)
def test_an_instant_is_told_in_utc_to_the_second_that_it_is_in(moment: datetime) -> None:
    ms = (moment - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(milliseconds=1)
    assert utc_text(ms) == utc_text(int(ms)) == f"{moment:%Y-%m-%dT%H:%M:%S}Z"
