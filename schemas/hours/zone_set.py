"""Sets of time zones in which rows of a campaign may be called: some tens, however many rows there are."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from schemas.hours.offsets import changes, offset

#: A letter for each set; scripts put other characters beside it.
LETTERS: Final = "".join(chr(code) for code in range(0x30, 0x7F) if chr(code) not in ":#%^|")


class ZoneSets:
    """The sets of one campaign. Zones whose clocks agree, now and in the next year, count as one."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self._known = len(known)  #: of which some may be alike by now
        self._letters = {_likeness(tuple(filter(None, zones.split(",")))): letter for letter, zones in known.items()}
        self.new: dict[str, str] = {}  #: those that were added: letter -> zones, with commas between

    def letter_of(self, zones: tuple[str, ...]) -> str:
        """
        Of the set that has these zones; none are those of a number of which none is known.

        When there are no letters left, that of the last one: it has no zones, so that nothing of it opens.
        """
        likeness = _likeness(zones)
        letter = self._letters.get(likeness)
        if letter is None:
            place = min(self._known + len(self.new), len(LETTERS) - 1)
            left = place < len(LETTERS) - 1
            letter = self._letters[likeness] = LETTERS[place]
            self.new.setdefault(letter, ",".join(zones) if left else "")
        return letter


@lru_cache(maxsize=4096)
def _likeness(zones: tuple[str, ...]) -> frozenset[object]:
    return frozenset(map(_clocks, zones))


@lru_cache(maxsize=1024)
def _clocks(zone: str) -> tuple[object, ...]:
    year = datetime.now(UTC).year
    first = int(datetime(year, 1, 1, tzinfo=UTC).timestamp())
    return (offset(zone, first), *changes(zone, year), *changes(zone, year + 1))
