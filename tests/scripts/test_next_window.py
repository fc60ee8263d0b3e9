"""With `next_window` a call is tried again when its windows open next, also if they closed before it ended."""

import pytest

from schemas.hours.window import Hours
from schemas.scripts.begin import Go
from schemas.scripts.outcome import placed
from tests.scripts.conftest import Store
from tests.scripts.zones import DAYTIME, IN_NEW_YORK, NEW_YORK, Clock, campaign, clock, sweep

__all__ = ["clock"]


def _queued(store: Store, kind: str, hours: Hours) -> str:
    retry = {"retry_most": 2, "retry_marks": "n"}
    if kind == "bulk":
        return f"{campaign(store, IN_NEW_YORK, hours=hours, **retry)}-1"
    return store.call(IN_NEW_YORK, windows=hours.text(), opens_ms="0", closes_ms="1", **retry)


@pytest.mark.parametrize("kind", ["single", "bulk"])
@pytest.mark.parametrize("ends", ["20:59:40", "21:00:30"])
def test_it_is_tried_again_in_the_very_next_window(store: Store, clock: Clock, kind: str, ends: str) -> None:
    clock.set("2027-01-12T20:59:20", NEW_YORK)
    call = _queued(store, kind, DAYTIME)
    sweep(store)
    assert store.ledger.admit(50) == [call]
    assert isinstance(store.ledger.begin(call, "first"), Go)
    store.outcome(call, placed("CA1", "queued", 60))
    clock.set(f"2027-01-12T{ends}", NEW_YORK)
    sweep(store)
    store.callback(call, "no-answer")
    for at, goes in (("12T21:00:40", []), ("13T07:59:59", []), ("13T08:00:01", [call])):
        clock.set(f"2027-01-{at}", NEW_YORK)
        sweep(store)
        assert store.ledger.admit(50) == goes
