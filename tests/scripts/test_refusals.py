"""Refusals: each stops what it is about, and nothing else."""

from schemas import keys
from tests.scripts.conftest import Store
from tests.scripts.test_outcome import AMBIGUOUS, CALLER_ID, NUMBER, one_of, second, waits_seconds


def test_a_refused_number_frees_its_slot_and_says_why(store: Store) -> None:
    campaign = store.campaign("+12025550100")
    call = one_of(store, campaign)
    store.outcome(call, NUMBER)

    assert (store.state(call), store.task(call)["error"]) == ("rejected", "Twilio refused the call")
    assert store.state(campaign) == "finished"
    assert 29 * 86_400 < store.redis.ttl(keys.task(call)) <= 30 * 86_400
    assert store.redis.ttl(keys.task(campaign)) > 0
    assert not store.redis.exists(keys.PREFIX + "hold")


def test_a_refused_caller_id_that_the_client_gave_ends_the_call_and_pauses_its_campaign(store: Store) -> None:
    campaign = store.campaign("+12025550100", "+12025550101")
    other = store.campaign("+12025550102", "+12025550103")
    store.redis.hset(keys.task(campaign), "from_given", "1")
    call = next(one for one in store.ledger.admit(50) if one.startswith(campaign))
    store.ledger.begin(call, "attempt")
    store.outcome(call, CALLER_ID)
    store.pass_time(2)

    assert store.state(call) == "rejected"
    assert (store.task(campaign)["paused"], store.task(campaign)["paused_reason"]) == ("1", "From is not valid")
    assert store.state(campaign) == "active"
    assert all(one.startswith(other) for one in store.ledger.admit(50))


def test_a_refused_caller_id_that_the_client_gave_for_one_call_holds_nothing(store: Store) -> None:
    call = store.dialling()
    store.redis.hset(keys.task(call), "from_given", "1")

    assert store.outcome(call, CALLER_ID).state == "rejected"
    assert not store.redis.exists(keys.PREFIX + "hold")


def test_our_own_caller_id_that_is_refused_is_about_the_account(store: Store) -> None:
    call = store.dialling()

    assert store.outcome(call, CALLER_ID).state == "waiting"
    assert store.redis.hget(keys.PREFIX + "hold", "kind") == "account"


def test_an_ambiguous_refusal_waits_ten_seconds_then_sixty_and_is_final_if_others_are_taken_meanwhile(
    store: Store,
) -> None:
    call = store.dialling()
    assert store.outcome(call, AMBIGUOUS).state == "waiting"
    assert 5 < waits_seconds(store, call) <= 10.01
    second(store, call)
    assert store.outcome(call, AMBIGUOUS).state == "waiting"
    assert 50 < waits_seconds(store, call) <= 60.01
    store.placed("+12025550109", sid="CA9")
    second(store, call)

    assert store.outcome(call, AMBIGUOUS).state == "rejected"
    assert store.task(call)["error"] == "Blocked by Twilio"


def test_an_ambiguous_refusal_is_not_final_while_no_other_call_is_taken(store: Store) -> None:
    store.placed("+12025550109", sid="CA9")
    store.pass_time(1)
    call = store.dialling()
    for _ in range(4):
        assert store.outcome(call, AMBIGUOUS).state == "waiting"
        second(store, call)


def test_a_campaign_goes_on_while_an_ambiguously_refused_number_waits(store: Store) -> None:
    campaign = store.campaign("+12025550100", "+12025550101")
    store.outcome(one_of(store, campaign), AMBIGUOUS)
    store.pass_time(2)

    assert store.ledger.admit(50) == [f"{campaign}-2"]
    store.pass_time(10)
    assert store.ledger.admit(50) == [f"{campaign}-1"]
