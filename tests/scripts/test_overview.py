"""overview.lua: the queue as the operator sees it."""

from schemas import keys
from schemas.scripts.gauges import CampaignFigures, Overview, overview
from schemas.scripts.outcome import later
from tests.scripts.conftest import Store


def shown(store: Store, most_campaigns: int = 20) -> Overview:
    return store.scripts.run(overview((1, 2, 3), most_campaigns))


def test_an_empty_store_shows_nothing_and_stays_empty(store: Store) -> None:
    found = shown(store)

    assert (found.not_due, found.relay_backlog, found.live, found.campaigns) == (0, 0, {}, [])
    assert found.due_calls == found.due_campaigns == {1: 0, 2: 0, 3: 0}
    assert (found.account_free_us, found.paused_us, found.singles_free_us) == (0, 0, 0)
    assert (found.held, found.probe_ms, found.drained_ms) == ("", 0, 0)
    assert store.redis.dbsize() == 0


def test_showing_changes_nothing(store: Store) -> None:
    store.placed()
    store.campaign("+12025550101", "+12025550102")
    before = {key: store.redis.dump(key) for key in store.redis.scan_iter()}
    shown(store)

    assert {key: store.redis.dump(key) for key in store.redis.scan_iter()} == before


def test_what_is_due_stands_under_its_rank(store: Store) -> None:
    for rank in (1, 2, 2, 3, 3, 3):
        store.call(rank=rank)
    store.call(delay_ms=60_000)
    store.campaign("+12025550101", rank=1)
    found = shown(store)

    assert (found.due_calls, found.due_campaigns, found.not_due) == ({1: 1, 2: 2, 3: 3}, {1: 1, 2: 0, 3: 0}, 1)


def test_live_calls_stand_under_their_states_and_one_whose_record_is_gone_says_so(store: Store) -> None:
    store.placed()
    store.dialling("+12025550101")
    store.dialling("+12025550102")
    store.redis.sadd(keys.PREFIX + "live", "lost")

    assert shown(store).live == {"dialling": 2, "gone": 1, "placed": 1}


def test_campaigns_that_are_due_are_named_first_then_those_with_live_calls_each_once(store: Store) -> None:
    dialling = store.campaign("+12025550100", "+12025550101", max_live=2)
    store.ledger.admit(50)
    store.pass_time(1.1)
    store.ledger.admit(50)
    due = store.campaign("+12025550102")

    assert shown(store).campaigns == [CampaignFigures(due, 1, 0, 10), CampaignFigures(dialling, 0, 2, 2)]
    assert shown(store, most_campaigns=1).campaigns == [CampaignFigures(due, 1, 0, 10)]


def test_what_holds_everything_is_told_with_its_instants(store: Store) -> None:
    call = store.dialling()
    store.outcome(call, later(7))
    store.hold("Account is not active")
    store.redis.hset(keys.PREFIX + "drain", "since_ms", 1)
    found = shown(store)

    assert (found.held, found.drained_ms) == ("Account is not active", 1)
    assert -5000 < found.probe_ms - found.now_ms <= 500
    assert 2e6 < found.paused_us - found.now_ms * 1000 <= 7.1e6


def test_only_fresh_pulses_are_named(store: Store) -> None:
    store.ledger.pulse("host/1")
    store.ledger.clock("host/2")
    assert (shown(store).workers, shown(store).beats) == (["host/1"], ["host/2"])
    store.pass_time(6)
    assert (shown(store).workers, shown(store).beats) == (["host/1"], [])
    store.pass_time(5)

    assert (shown(store).workers, shown(store).beats) == ([], [])
