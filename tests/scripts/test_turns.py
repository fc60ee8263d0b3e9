"""Whose call goes next: clients by equal shares, of one client strictly by priority, at any number that waits."""

from collections import Counter

from schemas import keys
from schemas.scripts.begin import Go, Wait
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


def test_a_clock_that_was_set_back_holds_nothing_up(store: Store) -> None:
    campaign = store.campaign("+12025550101", "+12025550102")
    lost = store.ledger.admit(50)
    store.ledger.clock("beat")
    store.pass_time(-3600)  # everything lies an hour ahead now
    due = store.call()
    store.redis.set(keys.PREFIX + "asked:dispatch", "1", px=3_600_000)  # its end lies an hour ahead, too

    assert store.ledger.clock("beat").dispatch
    assert due in store.ledger.admit(50)
    assert (store.score("checks", lost[0]) or 0) < store.now_ms() + 11_000
    assert campaign


def test_a_clock_that_was_set_back_keeps_no_campaigns_call_from_leaving(store: Store) -> None:
    store.campaign("+12025550101")
    store.ledger.clock("beat")
    store.pass_time(-3600)  # when the campaign was due lies an hour ahead, too
    store.ledger.clock("beat")
    (call,) = store.ledger.admit(50)

    assert isinstance(store.ledger.begin(call, "claim"), Go)


def test_a_clock_that_was_set_back_lets_no_two_calls_leave_closer_than_the_pace(store: Store) -> None:
    one_a_second = Store(store.redis, 1, 60_000, 50)
    one_a_second.dialling()
    one_a_second.pass_time(-3600)  # it left just now, and lies an hour ahead
    call = one_a_second.call("+12025550101")
    assert one_a_second.ledger.admit(50) == [call]
    permission = one_a_second.ledger.begin(call, "claim")

    assert isinstance(permission, Wait)
    assert 0 < permission.seconds <= 1.3


def test_a_clock_that_was_set_back_leaves_none_of_many_behind(store: Store) -> None:
    now_ms = store.now_ms()
    ended = store.placed(sid="CA1")
    for index in range(2500):
        store.redis.hset(keys.task(f"call-{index}"), "state", "placed")
    store.redis.zadd(keys.PREFIX + "checks", {f"call-{index}": now_ms + 5000 + index for index in range(2500)})
    store.redis.zadd(keys.PREFIX + "line:b:2:", {f"campaign-{index}": now_ms + index for index in range(1500)})
    store.redis.zadd(keys.PREFIX + "lines", {"b:2:": now_ms})
    store.ledger.clock("beat")
    store.pass_time(-3600)
    store.ledger.clock("beat")
    store.callback(ended, "completed")  # meanwhile
    store.redis.zadd(keys.PREFIX + "checks", {"call-2400": store.now_ms() + 60_000})
    for _ in range(5):
        store.ledger.clock("beat")
    limit_ms = store.now_ms() + 120_000

    assert store.redis.zcount(keys.PREFIX + "checks", "-inf", limit_ms) == 2500
    assert store.redis.zcard(keys.PREFIX + "checks") == 2500
    assert (store.score("checks", "call-2400") or 0) > limit_ms - 70_000
    assert store.redis.zcount(keys.PREFIX + "line:b:2:", "-inf", limit_ms) == 1500
    assert list(store.redis.scan_iter(keys.PREFIX + "turned*")) == []


def test_a_raised_pace_does_not_wait_out_the_old_interval(store: Store) -> None:
    slow = Store(store.redis, 0.001, 60_000, 50)
    slow.call()
    slow.call()
    assert len(slow.ledger.admit(50)) == 1

    assert len(Store(store.redis, 1000, 60_000, 50).ledger.admit(50)) == 1
