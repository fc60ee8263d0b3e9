"""Each guard of news, guesses and what follows from a call's change is necessary."""

import pytest

from schemas import keys
from schemas.scripts.outcome import in_doubt, placed
from tests.scripts.conftest import Store
from tests.scripts.guards import Guard, Without, without
from tests.scripts.test_guesses import NUMBER, doubtful, guess
from tests.scripts.test_news import one_of

__all__ = ["without"]


def another_attempts_post_counts(store: Store) -> bool:
    call = store.dialling()
    return store.callback(call, "completed", sid="CA1", attempt_number=2).verdict == "done"


def strangers_post_binds(store: Store) -> bool:
    call = store.dialling()
    return store.callback(call, "completed", sid="CA1", to="+12025550199").verdict == "done"


def strangers_caller_id_binds(store: Store) -> bool:
    call = store.dialling()
    return store.callback(call, "completed", sid="CA1", from_number="+12025550199").verdict == "done"


def missing_from_binds(store: Store) -> bool:
    call = store.dialling()
    store.redis.hdel(keys.task(call), "from")
    return store.callback(call, "ringing", sid="CA1", from_number="").verdict == "done"


def second_sid_binds(store: Store) -> bool:
    call = store.placed(sid="CA1")
    store.callback(call, "completed", sid="CA2")
    return store.state(call) == "ended"


def anothers_sid_binds(store: Store) -> bool:
    store.placed("+12025550101", sid="CA1")
    store.pass_time(1)
    return store.callback(store.dialling(), "ringing", sid="CA1").verdict == "done"


def guess_takes_a_slow_calls_sid(store: Store) -> bool:
    never_made = doubtful(store)
    store.pass_time(1)
    store.dialling(NUMBER)
    return guess(store, never_made) == "done"


def guess_takes_an_unknown_calls_sid(store: Store) -> bool:
    first = doubtful(store)
    store.pass_time(2)
    second = doubtful(store)
    store.give_up(first)
    return guess(store, second) == "done"


def guess_overrules_what_is_certain(store: Store) -> bool:
    return guess(store, store.dialling()) == "done"


def certain_calls_bar_guesses(store: Store) -> bool:
    store.placed(NUMBER, sid="CA9")
    store.pass_time(1)
    return guess(store, doubtful(store)) == "ambiguous"


def revived_record_expires(store: Store) -> bool:
    call = doubtful(store)
    store.give_up(call)
    store.callback(call, "ringing", sid="CA1")
    return bool(store.redis.ttl(keys.task(call)) > 0)


def revived_campaign_expires(store: Store) -> bool:
    campaign = store.campaign(NUMBER)
    call = one_of(store, campaign)
    store.outcome(call, in_doubt("502"))
    store.give_up(call)
    store.callback(call, "ringing", sid="CA1")
    return bool(store.redis.ttl(keys.task(campaign)) > 0)


def revived_call_of_a_cancelled_campaign_goes_on(store: Store) -> bool:
    campaign = store.campaign(NUMBER, "+12025550101")
    call = one_of(store, campaign)
    store.outcome(call, in_doubt("502"))
    store.give_up(call)
    store.cancel(campaign)
    return not store.callback(call, "ringing", sid="CA1").hang_up


def news_puts_off_a_hang_up(store: Store) -> bool:
    call = store.placed()
    store.cancel(call)
    store.callback(call, "ringing")
    return (store.score("checks", call) or 0) > store.now_ms()


def verdict_of_a_detection_ends_a_call(store: Store) -> bool:
    call = doubtful(store)
    store.give_up(call)
    store.callback(call, sid="CA1", fields={"answered_by": "human"})
    return store.state(call) == "ended"


def late_end_leaves_its_campaign_open(store: Store) -> bool:
    campaign = store.campaign(NUMBER)
    call = one_of(store, campaign)
    store.outcome(call, placed("CA1", "queued", 60))
    store.callback(call, "unknown")
    store.callback(call, "completed")
    return store.task(campaign).get("completed", "0") != "1"


def older_doubt_gives_up_a_newer_attempt(store: Store) -> bool:
    call = doubtful(store)
    store.redis.hset(keys.task(call), "tries", "2")
    return store.scripts.run(store.give_up_script(call, tries=1))


GUARDS = [
    Guard(another_attempts_post_counts, "news", "if ARGV[3] ~= (call.attempt_number or '1') then return 'moved' end"),
    Guard(strangers_post_binds, "news", " or ARGV[5] ~= call.to"),
    Guard(strangers_caller_id_binds, "news", " or ARGV[6] ~= call.from"),
    Guard(missing_from_binds, "news", " or ARGV[6] == ''"),
    Guard(second_sid_binds, "news", "if call.sid then return call.sid ~= sid and 'foreign' or nil end"),
    Guard(anothers_sid_binds, "news", "if redis.call('EXISTS', P .. 'sid:' .. sid) == 1 then return 'taken' end"),
    Guard(guess_takes_a_slow_calls_sid, "news", "its.state == 'dialling' or "),
    Guard(guess_takes_an_unknown_calls_sid, "news", "if other ~= call.id then return true end"),
    Guard(guess_overrules_what_is_certain, "news", "(kind == 'guess' or kind == 'list' or not certain)", "not certain"),
    Guard(
        certain_calls_bar_guesses,
        "news",
        " and not its.sid and (its.state == 'dialling' or its.state == 'confirming')",
    ),
    Guard(revived_record_expires, "news", "if FINAL[from] then keep_on(id) end"),
    Guard(revived_campaign_expires, "news", "if new == 'live' then keep_campaign(campaign) end"),
    Guard(
        revived_call_of_a_cancelled_campaign_goes_on,
        "news",
        " and call.campaign_state == 'cancelled' then",
        " and false then",
    ),
    Guard(news_puts_off_a_hang_up, "news", "hang_up == '1' and 'LT' or 'CH'", "'CH'"),
    Guard(
        verdict_of_a_detection_ends_a_call,
        "news",
        "local over = final or told == 'unknown'",
        "local over = final or status == 'unknown'",
    ),
    Guard(late_end_leaves_its_campaign_open, "news", "if lost and call.campaign then", "if false then"),
    Guard(older_doubt_gives_up_a_newer_attempt, "give_up", " or ARGV[2] ~= (call.tries or '0')"),
]


@pytest.mark.parametrize("guard", GUARDS, ids=Guard.name)
def test_without_its_guard(store: Store, without: Without, guard: Guard) -> None:
    guard.check(store, without)
