"""Keys that are lost, or another program's: what is left of a campaign dials nobody again, and no call is lost."""

from contextlib import suppress

import pytest
from redis.exceptions import ResponseError

from schemas import keys
from schemas.scripts.outcome import placed
from tests.scripts.conftest import Store

NUMBERS = [f"+1202555010{index}" for index in range(5)]


@pytest.mark.parametrize("lost", ["marks:", "rows:", "task:", "zones:", "sets:"])
def test_without_it_no_number_is_dialled_twice(store: Store, lost: str) -> None:
    campaign = store.campaign(*NUMBERS, max_live=1, delay_seconds=1)
    dialled: list[str] = []
    for turn in range(12):
        store.ledger.clock("beat")
        store.pass_time(35)
        for call in store.ledger.admit(50):
            store.ledger.begin(call, f"claim {turn}")
            if store.state(call) == "dialling":
                dialled.append(call)
                store.outcome(call, placed(f"CA{turn}", "queued", 60))
                store.callback(call, "completed", to=store.task(call).get("to", ""), from_number="+15005550006")
        if turn == 1:
            store.redis.delete(keys.PREFIX + lost + campaign)

    assert len(dialled) >= 2
    assert len(set(dialled)) == len(dialled)


@pytest.mark.parametrize("name", ["slots:account", "slots:singles", "live", "stuck"])
def test_a_key_that_another_program_has_costs_no_call(store: Store, name: str) -> None:
    call = store.call()
    store.redis.set(keys.PREFIX + name, "not ours")
    with pytest.raises(ResponseError):
        store.ledger.admit(50)
    with suppress(ResponseError):
        store.ledger.admit(50)
    store.redis.delete(keys.PREFIX + name)
    store.pass_time(60)
    store.ledger.clock("beat")

    assert store.ledger.admit(50) == [call]
