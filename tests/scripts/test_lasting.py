"""A campaign's record knows how long its last calls took up their places."""

from schemas.scripts.outcome import placed
from tests.scripts.conftest import Store


def test_the_last_fifty_calls_of_a_campaign_are_known_the_newest_first(store: Store) -> None:
    numbers = [f"+120255501{index:02}" for index in range(52)]
    campaign = store.campaign(*numbers, max_live=50)
    for index in range(52):
        (call,) = store.ledger.admit(1)
        store.ledger.begin(call, "attempt")
        store.outcome(call, placed(f"CA{index}", "queued", 60))
        store.pass_time(2 if index < 51 else 9)
        store.callback(call, "completed")
    lasted = [int(ms) for ms in store.task(campaign)["lasted"].split()]

    assert len(lasted) == 50
    assert 9000 <= lasted[0] < 19_000
    assert all(2000 <= ms < 9000 for ms in lasted[1:])


def test_a_call_that_never_left_took_up_no_place(store: Store) -> None:
    campaign = store.campaign("+12025550100")
    store.ledger.admit(50)
    store.cancel(campaign)

    assert "lasted" not in store.task(campaign)


def test_a_call_of_its_own_has_no_campaign_to_know(store: Store) -> None:
    call = store.placed()
    store.callback(call, "completed")
    assert "lasted" not in store.task(call)
