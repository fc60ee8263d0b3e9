"""Each guard of what a request came to, of holds and of rescue is necessary."""

import pytest

from schemas import keys
from schemas.records import VERSION
from schemas.scripts.outcome import in_doubt, later, placed, refused
from tests.scripts.conftest import Store
from tests.scripts.guards import Guard, Without, without
from tests.scripts.test_hold import in_doubt_in_a_row, probe_call, read, refused_in_a_row

__all__ = ["without"]

ACCOUNT = refused("account", "Account is not active", by_twilio=True)
AMBIGUOUS = refused("ambiguous", "Blocked by Twilio", by_twilio=True)
NUMBER = refused("number", "no", by_twilio=True)


def held(store: Store) -> bool:
    return bool(store.redis.exists(keys.PREFIX + "hold"))


def told_twice_while_it_is_admitted_again(store: Store) -> bool:
    call = store.dialling()
    store.outcome(call, later(0))
    store.pass_time(1)
    store.ledger.admit(50)
    store.outcome(call, later(0))
    return store.state(call) != "dispatched"


def old_refusal_holds_all(store: Store) -> bool:
    slow = store.dialling("+12025550101")
    store.pass_time(0.1)
    store.placed()
    store.outcome(slow, ACCOUNT)
    return held(store)


def early_acceptance_lifts(store: Store) -> bool:
    early, late = store.dialling("+12025550101"), store.dialling("+12025550102")
    store.outcome(late, ACCOUNT)
    store.outcome(early, placed("CA1", "queued", 60))
    return not held(store)


def cancelled_call_waits_again(store: Store) -> bool:
    call = store.dialling()
    store.cancel(call)
    store.outcome(call, later(0))
    return store.state(call) == "waiting"


def call_of_a_cancelled_campaign_waits_again(store: Store) -> bool:
    campaign = store.campaign("+12025550100", "+12025550101")
    (call,) = store.ledger.admit(50)
    store.ledger.begin(call, "attempt")
    store.redis.hset(keys.task(campaign), "state", "cancelled")
    store.outcome(call, later(0))
    return store.state(call) == "waiting"


def short_pause_shortens_a_long_one(store: Store) -> bool:
    first, other = store.dialling(), store.dialling("+12025550101")
    store.outcome(first, later(60))
    store.outcome(other, later(0.5))
    return int(store.redis.hget(keys.PREFIX + "pace:account", "paused_us")) / 1000 - store.now_ms() < 10_000


def ambiguous_refusal_is_final_though_nobody_was_taken(store: Store) -> bool:
    call = store.dialling()
    for _ in range(3):
        store.outcome(call, AMBIGUOUS)
        if store.state(call) == "rejected":
            return True
        store.pass_time(61)
        store.ledger.admit(50)
        store.ledger.begin(call, "again")
    return False


def acceptances_do_not_begin_a_row_anew(store: Store) -> bool:
    refused_in_a_row(store, 4)
    store.placed("+12025550777", sid="CA7")
    store.pass_time(0.2)
    refused_in_a_row(store, 1, first=10)
    return held(store)


def answers_do_not_begin_a_row_anew(store: Store) -> bool:
    in_doubt_in_a_row(store, 2)
    store.outcome(store.dialling("+12025550101"), NUMBER)
    store.pass_time(0.2)
    store.outcome(store.dialling("+12025550100"), in_doubt("502"))
    return held(store)


def straggler_moves_the_probe(store: Store) -> bool:
    straggler = store.dialling("+12025550101")
    store.outcome(store.dialling("+12025550102"), ACCOUNT)
    before = store.redis.hget(keys.PREFIX + "hold", "probe_ms")
    store.pass_time(1)
    before = int(store.redis.hget(keys.PREFIX + "hold", "probe_ms"))
    store.outcome(straggler, ACCOUNT)
    return int(store.redis.hget(keys.PREFIX + "hold", "probe_ms")) != before


def failed_probe_counts_twice(store: Store) -> bool:
    store.outcome(store.dialling(), ACCOUNT)
    store.pass_time(1)
    probe = store.ledger.due_check(60).probe
    for _ in range(2):
        store.ledger.probed(probe, passed=False)
    return bool(store.redis.hget(keys.PREFIX + "hold", "probes") != "1")


def own_caller_id_rejects_numbers(store: Store) -> bool:
    call = store.dialling()
    store.outcome(call, refused("caller_id", "From is not valid", by_twilio=True))
    return store.state(call) == "rejected"


def probe_repeats_a_refused_number(store: Store) -> bool:
    store.campaign(*(f"+1202555{index:04}" for index in range(8)))
    for _ in range(5):
        (call,) = store.ledger.admit(50)
        store.ledger.begin(call, "attempt")
        store.outcome(call, AMBIGUOUS)
        store.pass_time(1.2)
    return not probe_call(store).endswith("-6")


def unknown_probe_keeps_all_held(store: Store) -> bool:
    in_doubt_in_a_row(store, 3)
    store.call("+12025550100")
    read(store, passed=True)
    store.outcome(probe_call(store), NUMBER)
    return held(store)


def newer_records_are_changed(store: Store) -> bool:
    call = store.call()
    store.ledger.admit(50)
    store.redis.hset(keys.task(call), "v", 99)
    store.pass_time(11)
    store.ledger.clock("beat")
    return store.state(call) != "dispatched"


def vanished_records_keep_their_slot(store: Store) -> bool:
    call = store.dialling()
    store.redis.delete(keys.task(call))
    store.pass_time(36)
    store.ledger.clock("beat")
    return bool(store.redis.sismember(keys.PREFIX + "live", call))


GUARDS = [
    Guard(
        told_twice_while_it_is_admitted_again,
        "outcome",
        "call.state == 'dialling' or call.state == 'confirming' and kind ~= 'unknown'",
        "true",
    ),
    Guard(
        old_refusal_holds_all,
        "outcome",
        "local key, accepted_us = P .. 'task:' .. call.id, last_accepted_us()",
        "local key, accepted_us = P .. 'task:' .. call.id, 0",
    ),
    Guard(early_acceptance_lifts, "outcome", "if leaves_us > known_us('hold', 'since_us') then", "if true then"),
    Guard(cancelled_call_waits_again, "outcome", "return call.hang_up == '1' or call.bulk", "return call.bulk"),
    Guard(call_of_a_cancelled_campaign_waits_again, "outcome", " or call.bulk and call.campaign_state ~= 'active'"),
    Guard(short_pause_shortens_a_long_one, "outcome", "math.max(paused_us, now_us) then", "now_us then"),
    Guard(
        ambiguous_refusal_is_final_though_nobody_was_taken,
        "outcome",
        " and last_accepted_us() > tonumber(call.ambiguous_us or now_us)",
    ),
    Guard(
        acceptances_do_not_begin_a_row_anew,
        "outcome",
        "end_streak('ambiguous', leaves_us)",
    ),
    Guard(
        answers_do_not_begin_a_row_anew,
        "outcome",
        "end_streak('unknown', leaves_us)",
    ),
    Guard(straggler_moves_the_probe, "outcome", "if held[1] ~= id then return end"),
    Guard(failed_probe_counts_twice, "hold", " or ARGV[1] ~= held[2] .. ':' .. held[3]"),
    Guard(
        own_caller_id_rejects_numbers, "outcome", "if kind == 'caller_id' and not call.from_given then", "if false then"
    ),
    Guard(probe_repeats_a_refused_number, "admit", "fresh_first and take_row(", "false and take_row("),
    Guard(unknown_probe_keeps_all_held, "outcome", "own and held[2] == 'unknown'", "false"),
    Guard(
        newer_records_are_changed,
        "clock",
        f"tonumber(redis.call('HGET', P .. 'task:' .. id, 'v') or 0) > {VERSION}",
        "false",
    ),
    Guard(
        vanished_records_keep_their_slot,
        "clock",
        "    leave_all(id)\n    leave_slots(id)\n    return nil",
        "    return nil",
    ),
]


@pytest.mark.parametrize("guard", GUARDS, ids=Guard.name)
def test_without_its_guard(store: Store, without: Without, guard: Guard) -> None:
    guard.check(store, without)
