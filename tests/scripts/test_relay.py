"""relay_take.lua and relay_done.lua: events on their way to the client, in order, each once."""

import pytest

from schemas import keys
from schemas.scripts import source
from schemas.states import CallState, may_become
from tests.scripts.conftest import Store

URL = "https://client.example/news"
LEASE_MS, PATIENCE_MS, DAY_MS = 20_000, 3_000, 86_400_000


class Desk:
    """What Twilio tells, and what is passed on."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.call = store.placed()
        store.redis.hset(keys.task(self.call), "status_callback_url", URL)
        self._settle = store.redis.register_script(source("settle"))
        self._take = store.redis.register_script(source("relay_take"))
        self._done = store.redis.register_script(source("relay_done"))

    def tell(self, sequence: int, state: CallState = CallState.PLACED) -> str:
        """An event arrives; returns '1' if it is to be passed on."""
        allowed = f",{','.join(may_become(state))},"
        args = [self.call, state, allowed, sequence, "CA1", 60_000, 30 * DAY_MS, 0, f"body={sequence}", "", ""]
        return str(self._settle(keys=[keys.PREFIX], args=args)[3])

    def take(self) -> list[list[str]]:
        return list(self._take(keys=[keys.PREFIX], args=[10, LEASE_MS, PATIENCE_MS]))

    def done(self, sequence: int, verdict: str, gap_ms: int = 1000) -> str:
        return str(self._done(keys=[keys.PREFIX], args=[self.call, sequence, verdict, gap_ms, DAY_MS]))

    def pass_time(self, seconds: float) -> None:
        self.store.pass_time(seconds)
        queue = f"{keys.PREFIX}relay:{self.call}"
        for member, score in self.store.redis.zrange(queue, 0, -1, withscores=True):
            arrival, _, body = member.partition("|")
            self.store.redis.zrem(queue, member)
            self.store.redis.zadd(queue, {f"{int(arrival) - round(seconds * 1000)}|{body}": score})


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


def test_an_event_is_handed_out_once_with_all_that_its_delivery_needs(desk: Desk) -> None:
    assert desk.tell(0) == "1"

    assert desk.take() == [[desk.call, URL, "0", "body=0", "0"]]
    assert desk.take() == []


def test_an_event_told_twice_is_passed_on_once(desk: Desk) -> None:
    assert [desk.tell(0), desk.tell(0)] == ["1", "0"]
    desk.take()
    desk.done(0, "delivered")

    assert desk.tell(0) == "0"
    assert desk.take() == []


def test_events_leave_in_order_one_at_a_time(desk: Desk) -> None:
    for sequence in (1, 0, 2):
        desk.tell(sequence)
    seen = []
    for _ in range(3):
        (parcel,) = desk.take()
        seen.append(parcel[2])
        assert desk.take() == []
        assert desk.done(int(parcel[2]), "delivered") == "delivered"

    assert seen == ["0", "1", "2"]
    assert desk.take() == []


def test_an_event_waits_a_little_for_the_one_before_it(desk: Desk) -> None:
    desk.tell(1)
    assert desk.take() == []
    desk.pass_time(3)

    assert [parcel[2] for parcel in desk.take()] == ["1"]


def test_an_event_whose_deliverer_died_is_handed_out_again(desk: Desk) -> None:
    desk.tell(0)
    desk.take()
    desk.pass_time(20)

    assert [parcel[2] for parcel in desk.take()] == ["0"]


def test_an_event_that_was_not_delivered_comes_again_and_counts_its_attempts(desk: Desk) -> None:
    desk.tell(0)
    desk.take()
    assert desk.done(0, "failed") == "kept"
    assert desk.take() == []
    desk.pass_time(1)

    assert desk.take() == [[desk.call, URL, "0", "body=0", "1"]]


def test_after_a_day_an_event_is_given_up_counted_and_the_next_one_goes(desk: Desk) -> None:
    desk.tell(0)
    desk.tell(1)
    desk.take()
    desk.pass_time(86_400)

    assert desk.done(0, "failed") == "given up"
    assert desk.store.task(desk.call)["undelivered"] == "1"
    assert [parcel[2] for parcel in desk.take()] == ["1"]


def test_an_event_that_may_not_be_delivered_is_given_up_at_once_and_the_next_one_goes(desk: Desk) -> None:
    desk.tell(0)
    desk.tell(1)
    desk.take()

    assert desk.done(0, "refused") == "given up"
    assert desk.store.task(desk.call)["undelivered"] == "1"
    assert [parcel[2] for parcel in desk.take()] == ["1"]


def test_a_delivery_that_was_recorded_already_changes_nothing(desk: Desk) -> None:
    desk.tell(0)
    desk.take()
    desk.done(0, "delivered")

    assert desk.done(0, "failed") == "gone"
    assert desk.take() == []


def test_without_a_url_nothing_is_passed_on(store: Store) -> None:
    desk = Desk(store)
    store.redis.hdel(keys.task(desk.call), "status_callback_url")

    assert desk.tell(0) == "0"
    assert desk.take() == []


def test_events_of_a_call_that_has_ended_are_still_passed_on(desk: Desk) -> None:
    desk.tell(3, CallState.ENDED)
    assert desk.tell(0) == "1"

    assert [parcel[2] for parcel in desk.take()] == ["0"]
