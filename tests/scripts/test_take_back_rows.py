"""take_back_rows.lua: of rows whose client was told 503 none goes, unless some began or somebody has heard of them."""

import pytest

from schemas import keys
from schemas.campaigns.filling import Appending, Repetition, append, take_back_rows
from schemas.campaigns.rows import Row
from tests.scripts.conftest import Store

FIRST, SECOND, THIRD = "+12025550100", "+12025550101", "+12025550102"
KNOWN_BY = Repetition("digest", "body")


@pytest.fixture
def campaign(store: Store) -> str:
    """A campaign of one number, to which two were added."""
    campaign = store.campaign(FIRST)
    assert add(store, campaign).verdict == "done"
    return campaign


def add(store: Store, campaign: str) -> Appending:
    return store.scripts.run(append(campaign, [Row(SECOND), Row(THIRD)], KNOWN_BY))


def take_back(store: Store, campaign: str) -> bool:
    return store.scripts.run(take_back_rows(campaign, "digest", 30))


def dialled(store: Store) -> list[str]:
    """Who is called from now on."""
    called: list[str] = []
    while admitted := store.ledger.admit(50):
        called += [store.task(call)["to"] for call in admitted]
        store.pass_time(2)
    return called


def test_none_of_them_goes(store: Store, campaign: str) -> None:
    assert take_back(store, campaign)
    assert store.task(campaign)["canceled"] == "2"

    assert dialled(store) == [FIRST]


def test_a_repetition_of_the_request_adds_them_anew(store: Store, campaign: str) -> None:
    take_back(store, campaign)
    assert add(store, campaign).verdict == "done"

    assert dialled(store) == [FIRST, SECOND, THIRD]


def test_what_was_finished_before_is_finished_again(store: Store) -> None:
    campaign = store.campaign(FIRST)
    store.cancel(f"{campaign}-1")
    assert store.task(campaign)["state"] == "finished"
    add(store, campaign)
    assert store.task(campaign)["state"] == "active"
    take_back(store, campaign)

    assert store.task(campaign)["state"] == "finished"
    assert store.redis.ttl(keys.task(campaign)) > 0


def test_what_a_client_has_heard_of_by_its_key_goes(store: Store, campaign: str) -> None:
    assert add(store, campaign).verdict == "replayed"

    assert not take_back(store, campaign)
    assert dialled(store) == [FIRST, SECOND, THIRD]


def test_of_rows_of_which_some_began_the_others_do_not(store: Store, campaign: str) -> None:
    store.ledger.admit(1)
    store.pass_time(2)
    store.ledger.admit(1)

    assert not take_back(store, campaign)
    assert dialled(store) == []


def test_rows_that_were_never_added_leave_nothing_to_take_back(store: Store) -> None:
    assert take_back(store, store.campaign(FIRST))
    assert take_back(store, "unknown")
