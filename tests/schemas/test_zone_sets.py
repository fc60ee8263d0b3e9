"""Sets of time zones: rows of one are open at the same time."""

from schemas.hours.zone_set import LETTERS, ZoneSets


def test_zones_whose_clocks_agree_are_one_set() -> None:
    sets = ZoneSets({})
    assert sets.letter_of(("America/New_York",)) == sets.letter_of(("America/Toronto",)) == LETTERS[0]
    assert sets.letter_of(("America/Chicago", "America/New_York")) == LETTERS[1]
    assert sets.letter_of(()) == LETTERS[2]
    assert sets.new == {LETTERS[0]: "America/New_York", LETTERS[1]: "America/Chicago,America/New_York", LETTERS[2]: ""}


def test_a_new_set_gets_a_letter_of_its_own_though_known_ones_have_come_to_agree() -> None:
    """By another year, or another release of the zones: their rows are there already, each with its letter."""
    sets = ZoneSets({LETTERS[0]: "America/New_York", LETTERS[1]: "America/Toronto"})
    assert sets.letter_of(("America/Chicago",)) == LETTERS[2]
    assert sets.letter_of(("Europe/Berlin",)) == LETTERS[3]
    assert sets.letter_of(("America/New_York",)) in LETTERS[:2]


def test_what_finds_no_letter_left_comes_into_a_set_that_never_opens() -> None:
    zones = [("UTC", *("Europe/Berlin",) * (n & 1), *(name,)) for n, name in enumerate(_names(len(LETTERS)))]
    known = {letter: ",".join(its) for letter, its in zip(LETTERS[:-1], zones, strict=False)}
    sets = ZoneSets(known)
    assert sets.letter_of(("Asia/Kathmandu", "Asia/Tokyo")) == LETTERS[-1]
    assert sets.letter_of(("Asia/Kathmandu", "Asia/Kolkata")) == LETTERS[-1]
    assert sets.new == {LETTERS[-1]: ""}


def _names(count: int) -> list[str]:
    hours = [f"Etc/GMT{hour:+d}" for hour in range(-14, 13)]
    return (hours * (1 + count // len(hours)))[:count]
