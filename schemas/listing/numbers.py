"""What each of a campaign's numbers waits for: what keeps them all, or what is its own, whichever is first."""

from typing import Final

from schemas.campaigns.marks import marks_of
from schemas.explanation import WaitsFor, obstacle, on_its_way
from schemas.limits import Limits
from schemas.scripts.explain import Facts
from schemas.states import CallOutcome

_ORDER: Final = list(WaitsFor)


def shared_word(facts: Facts, limits: Limits) -> WaitsFor | None:
    """What keeps numbers of a campaign for whom no window is closed and no own time comes; None if none waits."""
    alike = facts._replace(
        opens_ms=0,
        closes_ms=facts.closes_ms if facts.unplanned else 0,
        again_ms=0,
        again_later=0,
        capped_ms=0,
        capped_later=0,
    )
    found = obstacle(alike, limits)
    return found.word if found else None


def first_of(*words: WaitsFor) -> WaitsFor:
    """The one that is told where it is several."""
    return min(words, key=_ORDER.index)


def waiting_numbers(facts: Facts, limits: Limits) -> dict[WaitsFor, int]:
    """How many of a campaign's numbers wait for what."""
    counts = dict.fromkeys(WaitsFor, 0)
    counts[on_its_way(facts)] += facts.dispatched
    if shared := shared_word(facts, limits):
        left = facts.numbers
        own = (
            (WaitsFor.WINDOW, facts.shut or _shut(facts)),
            (WaitsFor.RETRY, facts.again_later),
            (WaitsFor.CAP, facts.capped_later),
        )
        for word, count in own:
            taken = min(left, count)
            counts[first_of(word, shared)] += taken
            left -= taken
        counts[shared] += left
    return {word: count for word, count in counts.items() if count > 0}


def _shut(facts: Facts) -> int:
    """Of the rows that wait, those whose set is closed: a bit for each in two large numbers."""
    waiting = _bits(facts.marks, marks_of(CallOutcome.WAITING))
    return (waiting & _bits(facts.sets, facts.closed)).bit_count()


def _bits(text: str, letters: str) -> int:
    return int.from_bytes(text.encode().translate(bytes(chr(code) in letters for code in range(256))), "little")
