"""explain.lua and schemas/explanation.py: what holds all calls, whoever they are, is named."""

from schemas.moment import utc_text
from schemas.scripts.holds import drain, resume
from schemas.scripts.outcome import later, placed
from tests.scripts.conftest import Store
from tests.scripts.explaining import after, alive, at, why


def test_a_held_account_says_why_and_when_it_is_probed(store: Store) -> None:
    call = alive(store).call()
    store.hold("Twilio refused the call: Account is not active (error 10001).")
    probe = utc_text(int(store.redis.hget("tw:hold", "probe_ms")))
    reason = "Twilio refused the call: Account is not active (error 10001)"
    assert why(store, call) == f"the account is held: {reason}, next probe at {probe}"
    store.redis.delete("tw:hold")
    assert why(store, call) == "its turn has come, workers are being told"


def test_a_paused_account_says_until_when(store: Store) -> None:
    call = alive(store).dialling()
    store.outcome(call, later(20))
    until = at(int(store.redis.hget("tw:pace:account", "paused_us")))
    said = "Twilio said wait, queues calls or was not reached"
    assert why(store, call) == f"the account is paused ({said}) until {until}"
    assert after(store, 20, call) == "its turn has come, workers are being told"


def test_while_twilio_queues_calls_itself_none_goes_for_as_long_and_no_longer_than_five_minutes(store: Store) -> None:
    for seconds, told, is_overtaken in ((5, 5, False), (7200, 300, False), (6, 6, True)):
        call = alive(store).dialling()
        other = store.call("+12025550101")
        if is_overtaken:  # the answer, by what Twilio tells of the call
            store.callback(call, "initiated", f"CA{seconds}")
        store.outcome(call, placed(f"CA{seconds}", "queued", 60, seconds))
        assert "queues calls" in after(store, told - 1, other)
        assert store.ledger.admit(50) == []
        assert after(store, 1.1, other) == "its turn has come, workers are being told"
        assert store.ledger.admit(50) == [other]
        store.cancel(other)


def test_without_a_worker_nothing_goes(store: Store) -> None:
    call = alive(store).call()
    store.ledger.pulse("worker", leaving=True)
    assert why(store, call) == "no worker is alive"
    store.ledger.admit(50)
    assert why(store, call) == "no worker is alive"


def test_without_a_beat_nothing_wakes_the_workers(store: Store) -> None:
    call = store.call()
    store.ledger.pulse("worker")
    assert why(store, call) == "no beat is alive"


def test_calls_wait_while_workers_are_far_behind(store: Store) -> None:
    for _ in range(20):
        alive(store).call()
        store.ledger.admit(50)
    store.pass_time(3)
    call = alive(store).call()
    assert store.ledger.admit(50) == []
    assert why(store, call) == "the workers are behind: 20 calls wait for a free one"


def test_while_the_operator_drains_no_call_goes_and_it_says_so(store: Store) -> None:
    call = alive(store).call()
    assert store.scripts.run(drain())
    assert not store.scripts.run(drain())
    since = utc_text(int(store.redis.hget("tw:drain", "since_ms")))
    assert why(store, call) == f"drained: the operator lets no call go since {since}"
    assert store.ledger.admit(50) == []
    assert not store.ledger.clock("beat").dispatch

    assert store.scripts.run(resume())
    assert not store.scripts.run(resume())
    assert store.ledger.clock("beat").dispatch
    assert store.ledger.admit(50) == [call]


def test_a_probe_of_the_account_does_not_end_a_drain(store: Store) -> None:
    store.scripts.run(drain())
    store.call()
    store.hold("Account is not active")
    store.pass_time(1)
    store.ledger.probed(store.ledger.due_check(60).probe, passed=True)
    assert store.ledger.admit(50) == []
