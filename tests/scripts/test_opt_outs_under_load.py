"""Opt-outs at random instants, while calls are admitted and dialled, and very many of them."""

from random import Random

import pytest

from schemas.scripts.begin import Barred, Go
from schemas.scripts.outcome import refused
from tests.scripts.conftest import Store
from tests.scripts.test_opt_outs import OTHER, add


@pytest.mark.parametrize("seed", range(20))
def test_whenever_it_comes_under_load_nothing_is_dialled_after_the_answer(store: Store, seed: int) -> None:
    """Ten numbers each, singles and rows of campaigns of two names and none: two hundred opt-outs in all."""
    random = Random(seed)
    numbers = [f"+1202555{seed:02}{index:02}" for index in range(20)]
    for number in numbers:
        store.call(number, client=random.choice(["alice", "bob", ""]))
    store.campaign(*numbers, max_live=50, delay_seconds=1, client="alice")
    barred: set[str] = set()
    unwanted = random.sample(numbers, 10)
    admitted: list[str] = []
    for _ in range(60):
        store.pass_time(random.choice([0.3, 1.2]))
        admitted += store.ledger.admit(random.randint(1, 5))
        if unwanted and random.random() < 0.3:
            barred.add(unwanted[-1])
            add(store, unwanted.pop())
        for call in random.sample(admitted, min(len(admitted), 3)):
            permission = store.ledger.begin(call, f"claim of {call}")
            if isinstance(permission, Go):
                assert permission.call.to not in barred
                store.outcome(call, refused("number", "No.", by_twilio=True))
            elif isinstance(permission, Barred):
                assert store.task(call)["to"] in barred
                assert store.ledger.bar(call)
            admitted.remove(call)
    assert barred


def test_numbers_that_are_not_called_take_no_slots_from_the_others(paced: Store) -> None:
    """A campaign of which very many came onto a list stood still for as long as they would have taken."""
    unwanted = [f"+1202555020{index}" for index in range(4)]
    campaign = paced.campaign(*unwanted, OTHER, delay_seconds=3600)
    single = paced.call(unwanted[0])
    add(paced, *unwanted)
    for _ in (single, *unwanted):
        (call,) = paced.ledger.admit(1)
        assert paced.ledger.begin(call, "claim") == Barred()
        assert paced.ledger.bar(call)

    assert paced.ledger.admit(50) == [f"{campaign}-5"]
    assert isinstance(paced.ledger.begin(f"{campaign}-5", "claim"), Go)
    assert paced.ledger.admit(50) == []
