"""A number may be called in the zones in which its owner may be."""

from zoneinfo import ZoneInfo

import phonenumbers
import pytest

from runtime.zones import numbers
from runtime.zones.area_codes import AREA_CODES
from runtime.zones.numbers import source_of, zones_of
from schemas.hours.database import VERSION, zone_names

CHICAGO, NEW_YORK = "America/Chicago", "America/New_York"


@pytest.mark.parametrize(
    ("area_code", "zones"),
    [
        ("219", {CHICAGO}),
        ("270", {CHICAGO, NEW_YORK}),
        ("364", {CHICAGO}),
        ("423", {NEW_YORK, CHICAGO}),
        ("850", {CHICAGO, NEW_YORK}),
        ("928", {"America/Phoenix", "America/Denver"}),
        ("876", {"America/Jamaica"}),
    ],
)
@pytest.mark.parametrize("exchange", ["200", "555", "673"])
def test_our_table_stands_before_the_library(area_code: str, zones: set[str], exchange: str) -> None:
    number = f"+1{area_code}{exchange}0100"
    assert set(zones_of(number)) == zones
    assert source_of(number) == "area_code"


@pytest.mark.parametrize(
    ("number", "zones"),
    [
        ("+12125550100", {NEW_YORK}),
        ("+13125550100", {CHICAGO}),
        ("+33612345678", {"Europe/Paris"}),
        ("+1234567890", {NEW_YORK}),  # an example of the document, with a digit too few
        ("+447400123456", {"Europe/Guernsey", "Europe/Isle_of_Man", "Europe/Jersey", "Europe/London"}),
    ],
)
def test_of_other_numbers_the_library_tells(number: str, zones: set[str]) -> None:
    assert set(zones_of(number)) == zones
    assert source_of(number) == "phonenumbers"


@pytest.mark.parametrize("number", ["+883510012345", "+15555550100", "+1987654321", "+999", "+1", "+12"])
def test_numbers_of_no_place_have_no_zone(number: str) -> None:
    assert zones_of(number) == ()


def test_toll_free_numbers_have_every_zone_of_their_plan() -> None:
    assert len(zones_of("+18005550100")) > 30


def test_the_table_is_of_zones_that_there_are_and_of_area_codes() -> None:
    for code, zones in AREA_CODES.items():
        assert len(code) == 3
        assert phonenumbers.is_possible_number(phonenumbers.parse(f"+1{code}5550100"))
        assert zones
        assert zone_names().issuperset(zones)


def test_numbers_that_share_seven_digits_are_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    library = numbers._by_library

    def ask(number: str) -> tuple[str, ...]:
        asked.append(number)
        return library(number)

    monkeypatch.setattr(numbers, "_by_library", ask)
    monkeypatch.setattr(numbers, "_kept", {})
    assert {zones_of(f"+4420794601{last:02}") for last in range(50)} == {("Europe/London",)}
    assert asked == ["+442079460100"]


def test_zones_are_those_of_the_installed_database() -> None:
    assert VERSION[:4].isdigit()
    assert ZoneInfo("America/New_York").key in zone_names()
