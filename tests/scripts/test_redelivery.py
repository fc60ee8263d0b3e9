"""redeliver.lua: what a receiver did not take is tried again at once, and once."""

import json

from schemas import keys
from schemas.listing.events import Redelivery, redeliver
from schemas.listing.now import now
from schemas.scripts.cancel import forget
from schemas.scripts.outcome import refused
from schemas.scripts.relay import Attempt, relay_turn
from tests.scripts.conftest import Store
from tests.scripts.desk import Desk
from tests.scripts.receiver import LIFE, PATIENCE, ROOMS, URL, Receiver, post


def test_what_was_given_up_and_what_is_repeated_is_tried_again_at_once_and_once(store: Store) -> None:
    call = store.placed()
    store.redis.hset(keys.task(call), mapping={"status_callback_url": URL, "tells": "1"})
    for sequence in (0, 1):
        post(store, call, sequence, LIFE[sequence])
        (parcel,) = store.scripts.run(relay_turn(ROOMS, PATIENCE)).parcels
        attempt = Attempt(parcel, "refused" if sequence == 0 else "failed", 600)
        store.scripts.run(relay_turn(ROOMS, PATIENCE, [attempt]))
    assert (store.task(call)["undelivered"], store.task(call)["retrying"]) == ("1", "1")
    assert store.scripts.run(relay_turn(ROOMS, PATIENCE)).parcels == []

    counts = [store.scripts.run(redeliver(call)) for _ in range(2)]
    assert [one.count for one in counts if one] == [2, 0]
    assert store.task(call)["undelivered"] == "0"
    receiver = Receiver(store)
    receiver.look()
    store.pass_time(1)
    receiver.look()
    assert [parcel.number for parcel in receiver.taken] == [0, 1]
    assert store.task(call)["retrying"] == "0"


def test_what_a_campaigns_calls_could_not_tell_is_tried_again_by_the_campaign(store: Store) -> None:
    campaign = store.campaign("+12025550100", "+12025550101")
    store.redis.hset(keys.task(campaign), mapping={"status_callback_url": URL, "tells": "1"})
    for _ in range(2):
        (call,) = store.ledger.admit(50)
        store.ledger.begin(call, "attempt")
        store.outcome(call, refused("number", "no", by_twilio=True))
        store.pass_time(2)
    parcels = store.scripts.run(relay_turn(ROOMS, PATIENCE)).parcels
    assert len(parcels) == 3  # and one of the campaign
    store.scripts.run(relay_turn(ROOMS, PATIENCE, [Attempt(parcel, "refused", 1) for parcel in parcels]))
    first = store.scripts.run(redeliver(f"{campaign}-1"))
    rest = store.scripts.run(redeliver(campaign))

    assert first
    assert rest
    assert (first.count, rest.count, rest.more) == (1, 2, False)
    assert store.scripts.run(redeliver("no-such-task")) is None


def test_what_is_under_way_already_is_not_handed_out_beside_it_but_comes_at_once_if_that_fails(store: Store) -> None:
    desk = Desk(store)
    desk.tell(0)
    desk.tell(1)
    (first,) = desk.take()
    desk.done(first, "failed")
    store.pass_time(1)
    (second,) = desk.take()
    assert store.scripts.run(redeliver(desk.call)) == Redelivery(1, more=False)
    assert desk.take() == []
    desk.done(second, "failed", gap_seconds=899)

    (third,) = desk.take()
    assert (third.name, third.failures) == ("1:0", 2)
    desk.done(third, "failed", gap_seconds=899)
    assert desk.take() == []


def test_what_is_tried_again_still_tells_when_it_happened(store: Store) -> None:
    call = store.dialling()
    store.redis.hset(keys.task(call), mapping={"status_callback_url": URL, "tells": "1"})
    store.outcome(call, refused("number", "no", by_twilio=True))
    (parcel,) = store.scripts.run(relay_turn(ROOMS, PATIENCE)).parcels
    store.scripts.run(relay_turn(ROOMS, PATIENCE, [Attempt(parcel, "refused", 1)]))
    an_hour_ago = parcel.event["told_ms"] - 3_600_000
    given_up = json.dumps({**parcel.event, "told_ms": an_hour_ago})
    store.redis.hset(f"{keys.PREFIX}undelivered:{call}", parcel.name, given_up)
    store.scripts.run(redeliver(call))

    (again,) = store.scripts.run(relay_turn(ROOMS, PATIENCE)).parcels
    assert (again.number, again.event["told_ms"]) == (parcel.number, an_hour_ago)


def test_nothing_is_told_of_a_campaigns_call_that_is_deleted_by_itself_and_nothing_counts_as_to_be_told(
    store: Store,
) -> None:
    campaign = store.campaign("+12025550100", "+12025550101", client="shop")
    store.redis.hset(keys.task(campaign), mapping={"status_callback_url": URL, "tells": "1"})
    (call,) = store.ledger.admit(50)
    store.ledger.begin(call, "attempt")
    store.outcome(call, refused("number", "Twilio refused the call (error 21211)", by_twilio=True))
    assert store.scripts.run(now("shop", 10)).untold == 1
    assert store.scripts.run(forget(call, sid_seconds=120)) == "forgotten"
    assert store.scripts.run(now("shop", 10)).untold == store.scripts.run(now(None, 10)).untold == 0
