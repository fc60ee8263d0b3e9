"""Windows as they are written are the windows that are kept."""

from datetime import date

import pytest

from schemas.hours.setting import read_windows
from schemas.hours.window import Hours, Window

MON, TUE, WED, THU, FRI, SAT, SUN = range(7)


@pytest.mark.parametrize(
    ("text", "windows"),
    [
        (
            "mon-sat 08:00-21:00; sun 12:00-20:00",
            [({MON, TUE, WED, THU, FRI, SAT}, 480, 1260), ({SUN}, 720, 1200)],
        ),
        ("fri-mon 22:00-06:00", [({FRI, SAT, SUN, MON}, 1320, 1800)]),
        ("Mon,wed-thu 00:00-24:00;", [({MON, WED, THU}, 0, 1440)]),
        ("sun 00:00-00:00", [({SUN}, 0, 1440)]),
        ("sun 08:00-08:00", [({SUN}, 480, 1920)]),
    ],
)
def test_a_setting_is_read_as_people_mean_it(text: str, windows: list[tuple[set[int], int, int]]) -> None:
    assert read_windows(text) == Hours(tuple(Window(frozenset(days), *span) for days, *span in windows))


@pytest.mark.parametrize(
    "text",
    [
        "",
        ";",
        "mon",
        "08:00-21:00",
        "mon 8:00-21:00",
        "mon 08:00-24:01",
        "mon 24:00-08:00",
        "monday 08:00-21:00",
        "mon 08:00 - 21:00",
        "mon- 08:00-21:00",
        "mon 08:00-21:60",
        "mon 08:00-21:00, sun",
        "\u0661",
        "mon 08:00-21:00;" * 51,
    ],
)
def test_what_is_no_window_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="mon-sat 08:00-21:00"):
        read_windows(text)


def test_a_record_keeps_what_was_written() -> None:
    body = {
        "timezone": "America/Denver",
        "windows": [
            {"days": ["mon", "fri"], "start": "09:00", "end": "24:00"},
            {"days": ["sat"], "start": "22:30", "end": "02:00"},
        ],
        "days_off": ["2026-12-25"],
    }
    hours = Hours.load(body)
    assert hours.dump() == body
    assert Hours.parse(hours.text()) == hours
    assert hours.days_off == {date(2026, 12, 25)}
    assert not hours.of_recipient


def test_windows_of_which_nothing_else_is_said_are_the_called_partys() -> None:
    assert read_windows("mon 08:00-21:00").of_recipient
