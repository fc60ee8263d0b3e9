"""What is no instant, and no zone."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.hours.database import UNKNOWN_ZONE, zone_named
from schemas.moment import NOT_A_MOMENT
from tests.schemas.test_moment import instant


@pytest.mark.parametrize(
    "name",
    [
        "Factory",
        "factory",
        "-00",
        "Etc/Unknown",
        "Local",
        "Mars/Olympus",
        "",
        " ",
        ".",
        "..",
        "America",
        "America/",
        "america/new york",
        "America/New_York\n",
        "America/New_York\0",
        "America/../UTC",
        "../../etc/passwd",
        "/etc/localtime",
        "/usr/share/zoneinfo/UTC",
        "zone.tab",
        "tzdata.zi",
        "leapseconds",
        "__init__.py",
        "a" * 5000,
        "a/" * 5000,
        "\ud800",
        "Amérique/Montréal",
        "EST5EDT4,M3.2.0,M11.1.0",
        "%s%n",
        "localtime",
        "posixrules",
        "posix/America/New_York",
        "right/America/New_York",
    ],
    ids=lambda name: ascii(name)[:30],
)
def test_what_is_no_iana_zone_is_refused_with_one_sentence(name: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(UNKNOWN_ZONE)}$"):
        zone_named(name)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tomorrow",
        "2027-01-15",
        "20270115",
        "2027-W03",
        "2027-W03-5",
        "2027-W03T14:00:00Z",
        "2027-W54-1T14:00:00Z",
        "2027-015T14:00:00Z",
        "2027-1-15T14:00:00Z",
        "2027-01T14:00:00Z",
        "2027-01-15T",
        "2027-01-15TZ",
        "2027-01-15T1400:00Z",
        "2027-01-15T14.5Z",
        "2027-01-15T14:00:00.Z",
        "2027-01-15_14:00:00Z",
        "2027-01-15x14:00:00Z",
        "2027-01-15  14:00:00Z",
        "2027-01-15T14:00:00 Z",
        "2027-01-15T14:00:00Z\n",
        " 2027-01-15T14:00:00Z",
        "2027-01-15T14:00:00EST",
        "2027-01-15T14:00:00+5",
        "2027-01-15T14:00:00+24:00",
        "2027-02-30T14:00:00Z",
        "2027-13-01T14:00:00Z",
        "2027-01-15T24:00:00Z",
        "2027-01-15T14:60:00Z",
        "2027-01-15T14:00:60Z",
        "0000-01-01T00:00:00Z",
        "12027-01-15T14:00:00Z",
        "2027-01-15T14:00:00Z".translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")),
        "1800000000",
        "2027-01-15T14:00:00Z" * 1000,
        "\ud800",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "9999-12-31T23:59:59",
    ],
    ids=lambda text: ascii(text)[:30],
)
def test_what_is_no_date_and_time_is_refused_with_one_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(NOT_A_MOMENT)}$"):
        instant(text)


@given(text=st.text())
def test_no_text_makes_any_other_error(text: str) -> None:
    for parse in (lambda: instant(text), lambda: zone_named(text)):
        try:
            parse()
        except ValueError as error:
            assert str(error).endswith(".")  # noqa: PT017 - most texts raise, a few are zones
