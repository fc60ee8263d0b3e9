"""Whose call goes next: clients by equal shares, of one client strictly by priority, at any number that waits."""

from collections import Counter

import pytest

from schemas import keys
from schemas.scripts.cancel import pause, resume
from schemas.scripts.outcome import in_doubt
from tests.scripts.conftest import Store


def _who(store: Store, call_ids: list[str]) -> Counter[str]:
    return Counter(store.redis.hget(keys.task(call_id), "client") or "" for call_id in call_ids)


def test_two_clients_begin_equally_many_calls_while_both_have_something_due(store: Store) -> None:
    for _ in range(60):
        store.call(client="many")
    for _ in range(20):
        store.call(client="few")
    assert _who(store, store.ledger.admit(20)) == {"many": 10, "few": 10}
    assert _who(store, store.ledger.admit(20)) == {"many": 10, "few": 10}
    assert _who(store, store.ledger.admit(20)) == {"many": 20}


def test_a_client_that_comes_later_gets_its_share_and_no_more_for_having_waited(store: Store) -> None:
    for _ in range(60):
        store.call(client="early")
    store.ledger.admit(30)
    for _ in range(30):
        store.call(client="late")
    assert _who(store, store.ledger.admit(20)) == {"early": 10, "late": 10}


def test_a_client_that_comes_new_gets_its_share_and_no_more(store: Store) -> None:
    for _ in range(60):
        store.call(client="one")
        store.call(client="other")
    store.ledger.admit(50)
    for _ in range(30):
        store.call(client="new")
    assert _who(store, store.ledger.admit(30)) == {"one": 10, "other": 10, "new": 10}


def test_of_one_client_the_best_rank_goes_first_though_thousands_of_worse_ones_were_due_before(store: Store) -> None:
    for _ in range(500):
        store.call(rank=3, delay_ms=10)
    store.pass_time(1)
    high = store.call(rank=1, delay_ms=10)
    store.pass_time(1)
    normal = store.call(rank=2, delay_ms=10)
    store.pass_time(1)

    assert store.ledger.admit(3)[:2] == [high, normal]


def test_another_clients_heap_does_not_hold_a_call_up(store: Store) -> None:
    for _ in range(300):
        store.call(rank=1, client="heap")
    call = store.call(rank=3, client="other")
    assert call in store.ledger.admit(2)


def test_what_may_not_leave_any_more_holds_up_no_other_name_however_much_of_it_there_is(store: Store) -> None:
    for _ in range(300):
        store.call(rank=1, client="over", expires_ms=store.now_ms() + 60_000)
    store.pass_time(61)
    calls = [store.call(client="other") for _ in range(3)]
    assert store.ledger.admit(50) == calls


def test_campaigns_of_one_rank_begin_calls_in_turn(store: Store) -> None:
    numbers = [f"+1202555{index:04}" for index in range(6)]
    campaigns = [store.campaign(*numbers) for _ in range(3)]
    admitted = []
    for _ in range(3):
        admitted += store.ledger.admit(50)
        store.pass_time(1.1)
    assert Counter(call.rpartition("-")[0] for call in admitted) == dict.fromkeys(campaigns, 3)


def test_a_campaign_begins_no_call_beside_one_that_twilio_has_after_all(store: Store) -> None:
    campaign = store.campaign("+12025550101", "+12025550102", "+12025550103", max_live=1)
    [call] = store.ledger.admit(50)
    store.ledger.begin(call, "claim")
    store.outcome(call, in_doubt("no answer"))
    store.give_up(call)
    store.callback(call, "ringing", sid="CA1")
    store.pass_time(2)

    assert store.task(campaign)["live"] == "1"
    assert store.ledger.admit(50) == []


def test_a_paused_campaign_begins_no_call_until_it_is_resumed(store: Store) -> None:
    campaign = store.campaign("+12025550101", "+12025550102")
    assert len(store.ledger.admit(50)) == 1
    assert store.scripts.run(pause(campaign, "Twilio refused its caller id")).verdict == "done"
    store.pass_time(2)
    assert store.ledger.admit(50) == []
    assert store.scripts.run(pause(campaign)).verdict == "already"
    assert store.scripts.run(resume(campaign)).verdict == "done"
    assert store.scripts.run(resume(campaign)).verdict == "already"

    assert store.ledger.admit(50) == [f"{campaign}-2"]


def test_a_campaign_that_is_paused_while_it_stands_in_line_begins_no_call(store: Store) -> None:
    campaign = store.campaign("+12025550101")
    store.redis.hset(keys.task(campaign), "paused", "1")  # as if a process had died before it left its line
    assert store.ledger.admit(50) == []
    assert store.scripts.run(resume(campaign)).verdict == "done"
    assert store.ledger.admit(50) == [f"{campaign}-1"]


def test_a_campaign_that_is_full_while_it_stands_in_line_begins_no_call(store: Store) -> None:
    campaign = store.campaign("+12025550101", "+12025550102", max_live=1)
    store.redis.hset(keys.task(campaign), "live", "1")  # as if a process had died before it left its line
    assert store.ledger.admit(50) == []
    assert store.score("lines", "b:2:") is None


def test_what_stood_in_the_lines_of_an_older_version_is_admitted_in_its_order(store: Store) -> None:
    calls = [store.call(rank=rank) for rank in (3, 1, 2)]
    now_ms = store.now_ms()
    for call, rank in zip(calls, (3, 1, 2), strict=True):
        store.redis.zadd(keys.PREFIX + "ready:calls", {call: rank * 10**13 + now_ms})
    later = store.call(delay_ms=60_000)
    store.redis.zadd(keys.PREFIX + "later", {later: now_ms + 60_000})
    for line in [*store.redis.scan_iter(keys.PREFIX + "line:*"), keys.PREFIX + "lines"]:
        store.redis.delete(line)
    store.redis.delete(keys.PREFIX + "asked:dispatch")
    assert store.ledger.clock("beat").dispatch

    assert store.ledger.admit(50) == [calls[1], calls[2], calls[0]]
    store.pass_time(61)
    assert store.ledger.admit(50) == [later]


@pytest.mark.parametrize(("calls_per_second", "singles_per_minute"), [(0.001, 60_000), (1000, 0.01)])
def test_a_raised_pace_does_not_wait_out_the_old_interval(
    store: Store, calls_per_second: float, singles_per_minute: float
) -> None:
    slow = Store(store.redis, calls_per_second, singles_per_minute, 50)
    slow.call()
    slow.call()
    assert len(slow.ledger.admit(50)) == 1

    raised = Store(store.redis, 1000, 60_000, 50).ledger
    assert raised.clock("beat").dispatch
    assert len(raised.admit(50)) == 1
