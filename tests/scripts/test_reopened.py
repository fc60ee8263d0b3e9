"""A campaign that was finished goes on, by a retry, a requeue or further numbers: its hours and its end count again."""

from typing import Any

import pytest

from schemas import keys
from schemas.campaigns.filling import Repetition, append
from schemas.campaigns.rows import Row
from schemas.scripts.outcome import in_doubt
from tests.scripts.conftest import Store
from tests.scripts.retrials import again, end, marks
from tests.scripts.test_cancel import DONE, OVER
from tests.scripts.zones import IN_NEW_YORK, NEW_YORK, Clock, admitted, campaign, clock, sweep

__all__ = ["clock"]


def finished(store: Store, clock: Clock, *, has_windows: bool = True, **options: Any) -> str:
    """At noon, with one number that was busy."""
    clock.set("2031-03-03T12:00:00", NEW_YORK)
    name = campaign(store, IN_NEW_YORK, **options) if has_windows else store.campaign(IN_NEW_YORK, **options)
    sweep(store)
    (call,) = store.ledger.admit(50)
    end(store, call, "busy", "CA1")
    assert store.task(name)["state"] == "finished"
    return name


def go_on(store: Store, name: str, how: str) -> None:
    if how == "retry":
        assert again(store, name, "b").tried == 1
    else:
        rows = [Row("+12125550101")]
        assert store.scripts.run(append(name, rows, Repetition("more", "b"))).verdict == "done"


@pytest.mark.parametrize("how", ["retry", "recipients"])
def test_after_its_windows_closed_it_goes_on_when_they_open(store: Store, clock: Clock, how: str) -> None:
    name = finished(store, clock)
    clock.set("2031-03-03T22:00:00", NEW_YORK)
    sweep(store)
    go_on(store, name, how)
    sweep(store)
    store.ledger.step()
    assert admitted(store) == []
    clock.set("2031-03-04T08:00:00", NEW_YORK)
    sweep(store)
    assert admitted(store) == ["1" if how == "retry" else "2"]


@pytest.mark.parametrize("how", ["retry", "recipients"])
@pytest.mark.parametrize("has_windows", [True, False])
def test_its_end_counts_again(store: Store, clock: Clock, how: str, *, has_windows: bool) -> None:
    at = clock.set("2031-03-03T15:00:00", NEW_YORK)
    name = finished(store, clock, has_windows=has_windows, expires_ms=round(at.timestamp() * 1000))
    clock.set("2031-03-03T14:59:59", NEW_YORK)
    sweep(store)
    go_on(store, name, how)
    clock.set("2031-03-03T15:00:00", NEW_YORK)
    sweep(store)
    while store.ledger.step():
        pass
    assert (store.task(name)["state"], store.task(name)["expired"]) == ("finished", "1")
    assert marks(store, name) == ("b" if how == "retry" else "be")


def test_a_finished_campaign_whose_unknown_call_turns_out_to_live_is_cancelled_and_that_is_hung_up(
    store: Store,
) -> None:
    name = store.campaign("+12025550101")
    (call,) = store.ledger.admit(50)
    store.ledger.begin(call, "attempt")
    store.outcome(call, in_doubt("no answer"))
    store.give_up(call)
    assert store.state(name) == "finished"
    assert store.cancel(name) == OVER
    store.callback(call, "in-progress", "CA1")
    assert store.cancel(name) == DONE
    assert store.task(call)["hang_up"] == "1"
    store.callback(call, "completed")
    task = store.task(name)
    assert [task[count] for count in ("live", "unknown", "canceled")] == ["0", "0", "1"]
    assert store.redis.ttl(keys.task(name)) > 0
    assert store.cancel(name) == DONE
