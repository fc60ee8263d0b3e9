"""Another `delay_between_calls` counts from the campaign's last call on, for the next one already."""

from schemas.campaigns.editing import edit
from schemas.limits import campaign_interval_us
from schemas.scripts.begin import Go
from tests.scripts.conftest import Store

NUMBERS = ("+12025550100", "+12025550101")


def begun(store: Store, delay_seconds: int) -> str:
    """A campaign whose first call has just left."""
    campaign = store.campaign(*NUMBERS, delay_seconds=delay_seconds)
    (call,) = store.ledger.admit(50)
    assert isinstance(store.ledger.begin(call, "claim"), Go)
    return campaign


def spaced(store: Store, campaign: str, delay_seconds: int) -> None:
    fields = {"delay_us": str(campaign_interval_us(delay_seconds))}
    for _ in range(2):  # its answer may get lost
        assert store.scripts.run(edit(campaign, fields, "an edit")).verdict == "done"


def test_after_a_shorter_one_the_next_call_waits_out_no_more_than_that(store: Store) -> None:
    campaign = begun(store, 600)
    store.pass_time(2)
    spaced(store, campaign, 5)
    assert store.ledger.admit(50) == []
    store.pass_time(3.5)

    assert store.ledger.admit(50) == [f"{campaign}-2"]


def test_after_a_longer_one_no_call_comes_closer_to_the_last(store: Store) -> None:
    campaign = begun(store, 1)
    store.pass_time(5)
    spaced(store, campaign, 60)
    assert store.ledger.admit(50) == []
    store.pass_time(56)

    assert store.ledger.admit(50) == [f"{campaign}-2"]


def test_one_that_has_not_begun_begins_when_it_was_to(store: Store) -> None:
    campaign = store.campaign(*NUMBERS, delay_seconds=600)
    spaced(store, campaign, 60)

    assert store.ledger.admit(50) == [f"{campaign}-1"]
