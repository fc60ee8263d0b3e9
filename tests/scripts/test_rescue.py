"""What is stuck goes on without Twilio: lost messages, and workers that ended while they dialled."""

from schemas import keys
from schemas.records import VERSION, CallRecord
from schemas.scripts.begin import Go
from tests.scripts.conftest import Store


def test_a_call_whose_message_was_lost_waits_again_after_ten_seconds(store: Store) -> None:
    call = store.call()
    store.ledger.admit(50)
    store.pass_time(9)
    store.ledger.clock("beat")
    assert store.state(call) == "dispatched"
    store.pass_time(1.1)
    store.ledger.clock("beat")

    assert store.state(call) == "waiting"
    assert not store.redis.sismember(keys.PREFIX + "live", call)
    assert store.score("slots:account", call) is None
    assert store.ledger.admit(50) == [call]


def test_a_campaigns_call_whose_message_was_lost_is_its_next_one(store: Store) -> None:
    campaign = store.campaign("+12025550100", "+12025550101", max_live=1)
    (call,) = store.ledger.admit(50)
    store.pass_time(11)
    store.ledger.clock("beat")

    assert store.task(campaign)["live"] == "0"
    assert store.ledger.admit(50) == [call]


def test_a_call_whose_message_came_after_all_is_left_to_its_worker(store: Store) -> None:
    call = store.call()
    store.ledger.admit(50)
    store.pass_time(9)
    store.ledger.begin(call, "attempt")
    store.pass_time(2)
    store.ledger.clock("beat")

    assert store.state(call) == "dialling"


def test_a_call_whose_worker_died_while_it_dialled_is_in_doubt_and_looked_up_at_once(store: Store) -> None:
    call = store.dialling()
    store.pass_time(34)
    store.ledger.clock("beat")
    assert store.state(call) == "dialling"
    store.pass_time(1.1)
    wakes = store.ledger.clock("beat")

    assert store.state(call) == "confirming"
    assert store.task(call)["doubt"] == "The worker ended while it was dialling"
    assert wakes.sweep
    found = store.ledger.due_check(60)
    assert isinstance(found.call, CallRecord)
    assert found.call.id == call


def test_a_beat_sleeps_until_something_may_be_stuck(store: Store) -> None:
    store.call()
    store.ledger.admit(50)

    assert 9 < store.ledger.clock("beat").sleep_seconds <= 10


def test_three_sweeps_that_died_do_not_keep_lost_messages_waiting(store: Store) -> None:
    for index in range(3):
        store.placed(f"+1202555019{index}", sid=f"CA{index}")
        store.pass_time(1)
    store.pass_time(61)
    for _ in range(3):
        assert store.ledger.due_check(60).call is not None
    call = store.call()
    store.ledger.admit(50)
    store.pass_time(11)
    store.ledger.clock("beat")

    assert store.state(call) == "waiting"


def test_a_sweep_puts_back_what_is_stuck_when_no_beat_does(store: Store) -> None:
    lost = store.call()
    store.ledger.admit(50)
    store.pass_time(11)
    step = store.ledger.due_check(60)

    assert (step.call, step.rescued) == (None, {lost: "dispatched"})
    assert store.state(lost) == "waiting"


def test_the_next_sweep_hears_once_what_a_beat_put_back(store: Store) -> None:
    lost = store.call()
    store.ledger.admit(50)
    store.pass_time(11)
    store.ledger.clock("beat")

    assert store.ledger.due_check(60).rescued == {lost: "dispatched"}
    assert store.ledger.due_check(60).rescued == {}


def test_one_run_puts_back_a_bounded_number_and_the_next_goes_on(store: Store) -> None:
    calls = [store.call(f"+1202555{index:04}") for index in range(60)]
    while len(store.redis.smembers(keys.PREFIX + "live")) < 60:
        store.ledger.admit(50)
        store.pass_time(0.1)
        store.redis.delete(keys.PREFIX + "slots:account")
    store.pass_time(11)
    store.ledger.clock("beat")
    assert [store.state(call) for call in calls].count("waiting") == 50
    store.ledger.clock("beat")

    assert {store.state(call) for call in calls} == {"waiting"}


def test_what_versions_before_kept_among_the_checks_is_put_back_too(store: Store) -> None:
    lost, died = store.call(), store.call("+12025550101")
    store.ledger.admit(50)
    store.pass_time(0.1)
    store.ledger.begin(died, "attempt")
    store.redis.delete(keys.PREFIX + "stuck")
    store.redis.zadd(keys.PREFIX + "checks", {lost: 1, died: 2})
    found = store.ledger.due_check(60)

    assert store.state(lost) == "waiting"
    assert found.call is not None
    assert (found.call.id, store.state(died)) == (died, "confirming")


def test_a_call_of_a_newer_version_is_left_to_a_sweep_of_that_version(store: Store) -> None:
    call = store.call()
    store.ledger.admit(50)
    store.redis.hset(keys.task(call), "v", VERSION + 1)
    store.pass_time(11)
    store.ledger.clock("beat")

    assert store.state(call) == "dispatched"
    assert store.score("stuck", call) is None
    unread = store.ledger.due_check(60).unread
    assert unread is not None
    assert unread.call_id == call


def test_a_record_that_vanished_takes_up_no_slot(store: Store) -> None:
    capped = Store(store.redis, 1000, 60_000, most_live=1)
    lost = capped.dialling()
    capped.redis.delete(keys.task(lost))
    capped.pass_time(36)
    capped.ledger.clock("beat")

    assert capped.redis.smembers(keys.PREFIX + "live") == set()
    assert capped.dialling("+12025550101")


def test_a_placed_call_whose_record_vanished_takes_up_no_slot(store: Store) -> None:
    call = store.placed()
    store.redis.delete(keys.task(call))
    store.pass_time(61)

    assert store.ledger.due_check(60).call is None
    assert not store.redis.sismember(keys.PREFIX + "live", call)


def test_a_call_that_a_worker_cannot_wait_for_goes_back_in_line_unless_another_has_begun_it(store: Store) -> None:
    call = store.call()
    store.ledger.admit(50)
    store.ledger.put_back(call)
    assert store.state(call) == "waiting"
    assert store.ledger.due_check(60).rescued == {}
    store.pass_time(1)
    store.ledger.admit(50)
    assert isinstance(store.ledger.begin(call, "attempt"), Go)
    store.ledger.put_back(call)

    assert store.state(call) == "dialling"
