"""forget_number.lua and forget_on.lua: every trace of a number goes, and no call to it begins any more."""

import pytest

from schemas import keys
from schemas.scripts.begin import Wait
from schemas.scripts.cancel import ALL, START, forget_number, forget_on, of
from schemas.scripts.outcome import refused
from tests.processes import wait_until
from tests.scripts.conftest import Store
from tests.scripts.desk import Desk

NUMBER, OTHER = "+12025550100", "+12025550101"
DAYS = 30
MOST_STEPS = 20


@pytest.fixture
def store(store: Store) -> Store:
    store.ledger.pulse("worker")
    return store


def begin(store: Store, whose: str = ALL, job: str = "job") -> bool:
    look = store.scripts.run(forget_number(job, NUMBER, whose, DAYS))
    while look.cursor != START:
        look = store.scripts.run(forget_number(job, NUMBER, whose, DAYS, look.cursor))
    return look.begun


def finish(store: Store, job: str = "job") -> dict[str, str]:
    """What came of the job, whose steps are run as a sweep does."""
    for _ in range(MOST_STEPS):
        if not store.scripts.run(forget_on(DAYS)):
            break
    return dict(store.redis.hgetall(keys.forget_job(job)))


def holders(store: Store, number: str = NUMBER) -> list[str]:
    """Names of keys that hold the number, or whose name does."""
    return sorted(name for name in store.redis.scan_iter("*") if number in name or number in _text(store, name))


def _text(store: Store, name: str) -> str:
    redis = store.redis
    readers = {
        "hash": redis.hgetall,
        "list": lambda key: redis.lrange(key, 0, -1),
        "set": redis.smembers,
        "zset": lambda key: redis.zrange(key, 0, -1),
        "string": redis.get,
    }
    return str(readers[redis.type(name)](name))


def test_nothing_is_left_of_it_wherever_it_stood(store: Store) -> None:
    ended = store.placed(NUMBER)
    store.callback(ended, "completed", fields={"digits": "12"})
    refused_call = store.dialling(NUMBER)
    store.outcome(refused_call, refused("number", f"{NUMBER} is no number.", by_twilio=True))
    waiting = store.call(NUMBER, delay_ms=60_000, key="digest", body="fingerprint")
    campaign = store.campaign(OTHER, NUMBER, "+12025550102", max_live=1)
    assert holders(store)

    assert begin(store)
    job = finish(store)
    assert (job["state"], job["blanked"]) == ("done", "4")
    assert holders(store) == []
    assert store.state(waiting) == "cancelled"
    assert store.task(ended)["to"] == ""
    assert "metadata" not in store.task(ended)
    assert store.task(campaign)["canceled"] == "1"
    assert store.accept(NUMBER, key="digest", body="fingerprint").verdict == "mismatch"


def test_events_that_were_not_delivered_are_none_any_more(store: Store) -> None:
    desk = Desk(store)
    assert desk.tell(0, "ringing")
    assert desk.tell(1, "completed")
    for delivery in ("refused", "failed"):
        desk.done(desk.take()[0], delivery)
        store.pass_time(5)
    counted = ("undelivered", "retrying")
    assert store.redis.hmget(keys.task(desk.call), counted) == ["1", "1"]
    assert begin(store)
    assert finish(store)["state"] == "done"

    assert store.redis.hmget(keys.task(desk.call), counted) == [None, None]


def test_places_of_the_other_numbers_stay_and_the_campaign_comes_to_its_end(store: Store) -> None:
    campaign = store.campaign(NUMBER, OTHER, max_live=2, client="alice")
    begin(store)
    finish(store)
    (call,) = store.ledger.admit(50)
    assert (call, store.task(call)["to"]) == (f"{campaign}-2", OTHER)
    assert not store.redis.exists(keys.PREFIX + "in_campaigns")
    store.cancel(campaign)
    task = store.task(campaign)
    assert (task["canceled"], task["live"]) == ("2", "0")


@pytest.mark.parametrize("numbers", [(NUMBER,), (NUMBER, OTHER), (OTHER, NUMBER)])
def test_a_cancelled_campaign_counts_a_forgotten_number_once(store: Store, numbers: tuple[str, ...]) -> None:
    campaign = store.campaign(*numbers, max_live=1)
    begin(store)
    finish(store)
    store.cancel(campaign)
    assert store.task(campaign)["canceled"] == str(len(numbers))
    assert not store.redis.exists(keys.numbers(campaign))


def test_from_the_answer_on_no_call_begins_that_was_accepted_before_whatever_is_under_way(store: Store) -> None:
    single = store.call(NUMBER)
    campaign = store.campaign(NUMBER, max_live=1)
    admitted = store.ledger.admit(50)
    assert sorted(admitted) == sorted([single, f"{campaign}-1"])
    assert begin(store)
    assert all(isinstance(store.ledger.begin(call, "claim"), Wait) for call in admitted)
    assert finish(store)["blanked"] == "2"
    assert {store.state(call) for call in admitted} == {"cancelled"}
    assert holders(store) == []


def test_what_is_accepted_later_is_dialled(store: Store) -> None:
    begin(store)
    began_ms = store.now_ms()
    wait_until(lambda: store.now_ms() > began_ms, what="a millisecond has passed")
    call = store.dialling(NUMBER)
    assert finish(store)["blanked"] == "0"
    assert store.task(call)["to"] == NUMBER


@pytest.mark.parametrize("state", ["dialling", "placed"])
def test_while_a_call_is_live_nothing_is_begun(store: Store, state: str) -> None:
    call = store.dialling(NUMBER) if state == "dialling" else store.placed(NUMBER)
    assert not begin(store)
    assert store.state(call) == state
    assert not store.redis.exists(keys.forget_job("job"))
    assert begin(store, of("bob"))


def test_a_name_forgets_in_its_own_tasks_only(store: Store) -> None:
    kept = [store.call(NUMBER, client="bob"), store.campaign(NUMBER, max_live=1, client="bob"), store.call(NUMBER)]
    gone = [store.call(NUMBER, client="alice"), store.campaign(NUMBER, max_live=1, client="alice")]
    begin(store, of("alice"))
    assert finish(store)["blanked"] == "2"
    assert {store.task(one)["state"] for one in gone} == {"cancelled", "finished"}
    assert {store.task(one)["state"] for one in kept} == {"waiting", "active"}


def test_no_step_looks_at_many_more_than_a_thousand(store: Store) -> None:
    for place in range(30):
        store.campaign(*(f"+1303555{place:02}{index:03}" for index in range(300)), NUMBER, max_live=1)
    begin(store)
    steps = 0
    while store.scripts.run(forget_on(DAYS)):
        steps += 1
    assert steps >= 2 * 30 * 301 // 5000
    assert holders(store) == []


def test_late_news_bring_nothing_back(store: Store) -> None:
    campaign = store.campaign(NUMBER, max_live=1)
    store.redis.hset(keys.task(campaign), mapping={"status_callback_url": "https://client.example/", "tells": "1"})
    (call,) = store.ledger.admit(50)
    store.ledger.begin(call, "claim")
    store.redis.hset(keys.task(call), mapping={"state": "unknown"})
    store.redis.srem(keys.PREFIX + "live", call)
    begin(store)
    finish(store)
    store.callback(call, "completed", "CA1", to=NUMBER, body=f"To={NUMBER}&CallStatus=completed")
    assert holders(store) == []


def test_it_looks_for_a_live_call_among_very_many_in_steps(store: Store) -> None:
    store.placed(NUMBER)
    others = {f"other-{index}": {"to": OTHER, "state": "placed"} for index in range(5000)}
    pipeline = store.redis.pipeline(transaction=False)
    for call, fields in others.items():
        pipeline.hset(keys.task(call), mapping=fields)
        pipeline.sadd(keys.PREFIX + "live", call)
    pipeline.execute()
    looks, cursor = 0, START
    while looks == 0 or cursor != START:
        looks += 1
        begun, cursor = store.scripts.run(forget_number("job", NUMBER, ALL, DAYS, cursor))
    assert not begun
    assert not store.redis.exists(keys.forget_job("job"))
    store.redis.delete(keys.PREFIX + "live")
    store.redis.sadd(keys.PREFIX + "live", *others)
    assert store.scripts.run(forget_number("job", NUMBER, ALL, DAYS)).cursor != START
    assert begin(store)


def test_names_take_turns_however_many_numbers_one_of_them_has_forgotten(store: Store) -> None:
    jobs = [f"{name} {place}" for name, count in (("shop", 5), ("clinic", 2), ("bank", 1)) for place in range(count)]
    for job in jobs:
        store.scripts.run(forget_number(job, NUMBER[:-1] + str(jobs.index(job)), of(job.split()[0]), DAYS))
    done: list[str] = []
    for _ in range(MOST_STEPS * len(jobs)):
        store.scripts.run(forget_on(DAYS))
        done += [job for job in jobs if job not in done and store.redis.hget(keys.forget_job(job), "state") == "done"]

    assert {job.split()[0] for job in done[:3]} == {"shop", "clinic", "bank"}, done
    assert done[3:5] in (["shop 1", "clinic 1"], ["clinic 1", "shop 1"]), done
    assert done[5:] == ["shop 2", "shop 3", "shop 4"]


def test_what_waited_of_a_number_counts_among_the_calls_that_ended(store: Store) -> None:
    store.call(NUMBER)
    store.campaign(OTHER, NUMBER, max_live=1)
    assert begin(store)
    finish(store)
    assert store.redis.hgetall(f"{keys.PREFIX}ended") == {"canceled": "2"}
