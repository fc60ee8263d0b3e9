"""A campaign's end is told: in its log at once, and to its client if calls of it go on."""

import json
from typing import Any

import pytest

from schemas import keys
from schemas.campaigns.editing import edit
from schemas.campaigns.marks import Mark
from schemas.scripts.begin import Go
from schemas.scripts.outcome import later, placed, refused
from tests.scripts.conftest import Store
from tests.scripts.retrials import again
from tests.scripts.test_steering import add

NUMBERS = ["+12125550100", "+12125550101", "+12125550102"]


def expired(store: Store, live: int) -> str:
    """A campaign that a client follows, whose end comes while so many of its calls are live."""
    campaign = store.campaign(*NUMBERS, expires_ms=store.now_ms() + 60_000)
    store.redis.hset(keys.task(campaign), mapping={"status_callback_url": "https://client.example/", "tells": "1"})
    for place in range(1, live + 1):
        assert store.ledger.admit(1) == [f"{campaign}-{place}"]
        assert isinstance(store.ledger.begin(f"{campaign}-{place}", "claim"), Go)
        store.outcome(f"{campaign}-{place}", placed(f"CA{place}", "queued", 60))
        store.pass_time(2)
    store.pass_time(60)
    for _ in range(2):  # a sweep that died is followed by another
        store.ledger.closed()
    while store.ledger.step():
        pass
    return campaign


def deeds(store: Store, campaign: str) -> list[tuple[str, Any]]:
    entries = [str(one).split("|", 3) for one in store.redis.lrange(f"{keys.PREFIX}log:{campaign}", 0, -1)]
    return [(kind, json.loads(what)) for _, _, kind, what in entries if len(kind) > 1]


def told(store: Store, campaign: str) -> set[str]:
    return set(map(str, store.redis.hkeys(f"{keys.PREFIX}events:{campaign}")))


def test_that_it_expired_stands_in_the_log_once(store: Store) -> None:
    assert deeds(store, expired(store, live=0)) == [("expired", {"by": ""})]


def test_while_calls_go_on_the_client_is_told_that_it_expired_and_then_that_it_is_finished(store: Store) -> None:
    campaign = expired(store, live=1)
    assert "expired" in told(store, campaign)
    assert store.state(campaign) == "active"
    store.callback(f"{campaign}-1", "completed")
    assert store.state(campaign) == "finished"
    assert {"expired", "finished"} <= told(store, campaign)


def test_one_of_which_nothing_goes_on_is_told_to_be_finished_and_no_more(store: Store) -> None:
    campaign = expired(store, live=0)
    assert "finished" in told(store, campaign)
    assert "expired" not in told(store, campaign)


@pytest.mark.parametrize("way", ["put back", "later", "ambiguous"])
def test_what_was_on_its_way_when_the_end_came_expires_when_it_waits_again(store: Store, way: str) -> None:
    campaign = store.campaign(*NUMBERS[:2], expires_ms=store.now_ms() + 60_000)
    (call,) = store.ledger.admit(1)
    if way != "put back":
        assert isinstance(store.ledger.begin(call, "claim"), Go)
    store.pass_time(60.5)
    _sweep(store)
    if way == "put back":
        store.ledger.put_back(call)
    else:
        store.outcome(call, later(1.0) if way == "later" else refused("ambiguous", "21216", by_twilio=True))
    _sweep(store)
    assert (store.state(call), store.task(call)["reason"]) == ("cancelled", "expired")
    assert store.state(campaign) == "finished"
    assert store.task(campaign)["canceled"] == "2"


def test_of_one_whose_end_is_put_off_all_that_is_added_goes(store: Store) -> None:
    campaign = expired(store, live=1)
    store.scripts.run(edit(campaign, {"expires_ms": str(store.now_ms() + 60_000)}, "an edit"))
    assert add(store, campaign).verdict == "done"
    assert store.ledger.admit(1) == [f"{campaign}-4"]


def test_one_whose_end_is_put_off_tells_again_when_it_expires_again(store: Store) -> None:
    campaign = expired(store, live=1)
    store.scripts.run(edit(campaign, {"expires_ms": str(store.now_ms() + 60_000)}, "an edit"))
    assert add(store, campaign).verdict == "done"
    store.pass_time(61)
    _sweep(store)
    _sweep(store)

    assert [kind for kind, _ in deeds(store, campaign)] == ["expired", "edited", "added", "expired"]
    assert len(told(store, campaign)) == 2
    store.callback(f"{campaign}-1", "completed")
    assert len(told(store, campaign)) == 3


def _sweep(store: Store) -> None:
    store.ledger.closed()
    while store.ledger.step():
        pass


def test_a_number_whose_end_was_told_and_that_is_dialled_after_all_has_its_next_attempts_end(store: Store) -> None:
    campaign = store.campaign(*NUMBERS[:2], expires_ms=store.now_ms() + 60_000)
    store.redis.hset(keys.task(campaign), mapping={"status_callback_url": "https://client.example/", "tells": "1"})
    first, second = f"{campaign}-1", f"{campaign}-2"
    for call, result in ((first, placed("CA1", "queued", 60)), (second, later(0))):
        assert store.ledger.admit(1) == [call]
        assert isinstance(store.ledger.begin(call, "claim"), Go)
        store.outcome(call, result)
        store.pass_time(2)
    store.pass_time(60)
    store.ledger.closed()
    store.ledger.step()
    assert told(store, second) == {"1:end"}
    store.scripts.run(edit(campaign, {"expires_ms": None}, "an edit"))
    assert again(store, campaign, "e").tried == 1
    assert store.ledger.admit(1) == [second]
    assert isinstance(store.ledger.begin(second, "another claim"), Go)
    store.callback(second, "completed", "CA2", sequence="0", body="CallStatus=completed", attempt_number=2)

    assert told(store, second) == {"1:end", "2:0"}


@pytest.mark.parametrize("live", [0, 1])
def test_what_is_retried_of_one_whose_end_lies_ahead_again_goes(store: Store, live: int) -> None:
    """The clock was set back, by a failover to a host behind."""
    campaign = expired(store, live)
    store.ledger.clock("beat")
    store.pass_time(-3600)
    for _ in range(4):
        store.ledger.clock("beat")

    assert again(store, campaign, Mark.EXPIRED).tried == len(NUMBERS) - live
    store.pass_time(2)
    assert store.ledger.admit(50)
