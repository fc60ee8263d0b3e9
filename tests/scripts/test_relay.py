"""relay.lua: events on their way to the client, in order, each once."""

import json

import pytest

from schemas import keys
from schemas.scripts.news import Report, Source
from schemas.scripts.relay import Attempt, Delivery, Rooms, relay_turn
from tests.scripts.conftest import Store
from tests.scripts.desk import PATIENCE, ROOMS, URL, Desk


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


def test_an_event_is_handed_out_once_with_all_that_its_delivery_needs(desk: Desk) -> None:
    assert desk.tell(0)

    (parcel,) = desk.take()
    assert (parcel.call_id, parcel.campaign_id, parcel.url, parcel.client) == (desk.call, "", URL, "")
    assert (parcel.host, parcel.name, parcel.number, parcel.failures) == ("client.example", "1:0", 0, 0)
    assert (parcel.to, parcel.from_number) == ("+12025550100", "+15005550006")
    assert (parcel.event["body"], parcel.event["attempt"]) == ("CallStatus=ringing&n=0", "1")
    assert desk.take() == []


def test_an_event_told_twice_is_passed_on_once(desk: Desk) -> None:
    assert [desk.tell(0), desk.tell(0)] == [True, False]
    (parcel,) = desk.take()
    assert not desk.tell(0)
    desk.done(parcel, "delivered")

    assert not desk.tell(0)
    assert desk.take() == []


def test_one_turn_records_several_deliveries_and_hands_out_what_follows_them(store: Store) -> None:
    desks = [Desk(store, f"CA{number}") for number in range(3)]
    for desk in desks:
        assert [desk.tell(0), desk.tell(1)] == [True, True]
    first = desks[0].take()
    turn = store.scripts.run(relay_turn(ROOMS, PATIENCE, [Attempt(parcel, "delivered", 0) for parcel in first]))

    assert list(turn.recorded) == ["delivered"] * 3
    assert sorted((parcel.call_id, parcel.name) for parcel in turn.parcels) == sorted((d.call, "1:1") for d in desks)


def test_an_event_whose_deliverer_died_is_handed_out_again_with_its_number(desk: Desk) -> None:
    desk.tell(0)
    desk.take()
    desk.store.pass_time(20)

    assert desk.names() == [("1:0", 0)]


def test_an_event_that_was_not_delivered_comes_again_with_its_number_and_shows_meanwhile(desk: Desk) -> None:
    desk.tell(0)
    (parcel,) = desk.take()
    assert desk.done(parcel, "failed") == "kept"
    assert desk.store.task(desk.call)["retrying"] == "1"
    assert desk.take() == []
    desk.store.pass_time(1)

    (again,) = desk.take()
    assert (again.name, again.number, again.failures, again.declines) == ("1:0", 0, 1, 0)
    desk.done(again, "delivered")
    assert desk.store.task(desk.call)["retrying"] == "0"


def test_an_event_that_is_declined_is_counted_so(desk: Desk) -> None:
    desk.tell(0)
    for declines in range(2):
        (parcel,) = desk.take()
        assert (parcel.failures, parcel.declines) == (declines, declines)
        desk.done(parcel, "declined")
        desk.store.pass_time(1)


def test_an_event_that_may_not_be_delivered_is_given_up_at_once_and_the_next_one_goes(desk: Desk) -> None:
    desk.tell(0)
    desk.tell(1)
    (parcel,) = desk.take()

    assert desk.done(parcel, "refused") == "given up"
    assert desk.store.task(desk.call)["undelivered"] == "1"
    assert desk.names() == [("1:1", 1)]


@pytest.mark.parametrize("first", ["delivered", "failed", "declined", "refused"])
def test_a_delivery_that_was_recorded_already_changes_nothing(desk: Desk, first: Delivery) -> None:
    desk.tell(0)
    (parcel,) = desk.take()
    desk.done(parcel, first)
    before = desk.store.task(desk.call)

    repeats: tuple[Delivery, ...] = ("failed", "declined", "refused")
    assert [desk.done(parcel, again) for again in repeats] == ["gone"] * 3
    assert desk.store.task(desk.call) == before
    assert desk.take() == []


def test_without_a_url_nothing_is_passed_on(store: Store) -> None:
    desk = Desk(store)
    store.redis.hdel(keys.task(desk.call), "status_callback_url")

    assert not desk.tell(0)
    assert desk.take() == []


def test_a_record_that_has_gone_leaves_nothing(desk: Desk) -> None:
    desk.tell(0)
    desk.store.redis.delete(keys.task(desk.call))

    assert desk.take() == []
    assert list(desk.store.redis.scan_iter("*mail*")) == list(desk.store.redis.scan_iter("*events:*")) == []
    assert not desk.store.redis.exists(keys.PREFIX + "untold")


def test_events_of_a_call_that_has_ended_are_still_passed_on_in_order(desk: Desk) -> None:
    desk.tell(1, "completed")
    assert desk.tell(0)

    assert desk.names() == [("1:0", 0)]


def test_an_attempt_has_one_end_however_often_it_is_told(desk: Desk) -> None:
    assert desk.tell(0, "completed")
    assert not desk.tell(0, "completed")
    assert not desk.tell(1, "failed")


def test_a_full_client_and_a_full_host_are_left_out_and_hold_up_nobody(store: Store) -> None:
    at_full_host = "https://user@FULL.example/x"
    full = Desk(store, "CA1", client="full")
    host = Desk(store, "CA2", client="shop", status_callback_url=at_full_host)
    free = Desk(store, "CA3", client="free", status_callback_url=at_full_host)
    assert full.tell(0)
    assert host.tell(0)
    assert free.tell(0)
    rooms = Rooms(50, 50, 20, clients={"full": 0}, lanes={"shop|full.example": 0})

    assert [parcel.call_id for parcel in free.take(rooms)] == [free.call]
    assert {parcel.call_id for parcel in free.take()} == {full.call, host.call}


def test_no_more_are_handed_out_than_fit(store: Store) -> None:
    for number in range(6):
        desk = Desk(store, f"CA{number}", client=f"c{number % 2}")
        assert desk.tell(0)

    assert len(desk.take(Rooms(1, 50, 20))) == 1
    assert len(desk.take(Rooms(50, 1, 20))) == 2
    assert len(desk.take(Rooms(50, 50, 1))) == 2


def test_an_end_that_an_older_version_kept_is_told_with_what_the_record_says_of_it(store: Store) -> None:
    desk = Desk(store, tells="1")
    news = {"call_status": "busy", "ended_ms": "1795570588389"}
    store.ledger.record_news(desk.call, Report(Source.FETCH, "CA1", news))
    kept = f"{keys.PREFIX}events:{desk.call}"
    told = json.loads(store.redis.hget(kept, "1:end"))
    own = {name: told.pop(name) for name in ("call_sid", "ended_ms")}
    store.redis.hset(kept, "1:end", json.dumps(told))

    (parcel,) = desk.take()
    assert own == {"call_sid": "CA1", "ended_ms": 1795570588389}
    assert {name: parcel.event[name] for name in own} == own


def test_events_that_an_older_version_kept_go_on_with_their_numbers(desk: Desk) -> None:
    """Events 0 and 1 were delivered, 2 and 3 wait."""
    redis, queue = desk.store.redis, f"{keys.PREFIX}relay:{desk.call}"
    redis.hset(keys.task(desk.call), "relayed", "1")
    redis.zadd(queue, {"1795570588389|CallStatus=in-progress": 2, "1795570588390|CallStatus=completed": 3})
    redis.zadd(keys.PREFIX + "relays", {desk.call: 1795570588389})
    (parcel,) = desk.take()
    assert (parcel.name, parcel.number, parcel.event["body"]) == ("1:2", 2, "CallStatus=in-progress")
    desk.done(parcel, "delivered")

    assert desk.names() == [("1:3", 3)]
    assert not redis.exists(queue, keys.PREFIX + "relays")
