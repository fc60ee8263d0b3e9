"""Placing a call: asked for until Redis answers, dialled at its slot or not at all, its outcome recorded surely."""

import threading
from dataclasses import replace

import pytest
from redis import Redis
from redis.exceptions import RedisError
from structlog.testing import capture_logs

from runtime.connections import connect
from schemas.do_not_call.lists import SERVICE, OptOut, opt_out
from schemas.states import CallState
from tests.machine import Machine
from tests.ports import reserve_port
from tests.processes import RedisServer, Simulator, wait_until
from tests.scripts.conftest import Store
from worker.calls import placing
from worker.calls.placing import Placing, place
from worker.context import Context
from worker.ledger import Ledger
from worker.settings import Settings
from worker.twilio.outcomes import Deferred, Outcome, Placed, Refused
from worker.twilio.telephone import Telephone


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that is late because this machine is busy goes all the same."""
    monkeypatch.setattr("worker.twilio.departure.LEAVE_WITHIN_SECONDS", 60.0)


@pytest.fixture
def process(settings: Settings, store: Store) -> Context:
    """What a worker process holds."""
    return Context(settings, store.ledger, Telephone(settings))


def _impatient(process: Context, store: Store, redis_url: str, replicas: int = 0) -> Context:
    """The same process, but it waits a fifth of a second for an answer of Redis."""
    redis = connect(redis_url, process.settings.sentinel, answer_seconds=0.2)
    return replace(process, ledger=Ledger(redis, store.limits, 30, 30, replicas))


def _admitted(store: Store, number: str) -> str:
    call = store.call(number)
    assert store.ledger.admit(50) == [call]
    return call


def _delay(store: Store, call: str, seconds: float) -> None:
    """The call's slot comes only then."""
    store.redis.hset(f"tw:task:{call}", "slot_us", (store.now_ms() + round(seconds * 1000)) * 1000)


def _pause(store: Store, seconds: float) -> None:
    """No call leaves before."""
    store.redis.hset("tw:pace:account", "paused_us", (store.now_ms() + round(seconds * 1000)) * 1000)


def outcome_of(one: Placing | None) -> Outcome | None:
    return one.outcome if one else None


def _posts(simulator: Simulator, number: str) -> int:
    return sum(request["to"] == number for request in simulator.requests())


def test_a_call_that_waits_in_the_worker_for_its_slot_is_not_late_for_it(
    process: Context, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.twilio.departure.LEAVE_WITHIN_SECONDS", 0.8)
    call = _admitted(store, "+12025550301")
    _delay(store, call, 1)

    assert isinstance(outcome_of(place(process, call)), Placed)


def test_a_call_whose_slot_is_far_off_goes_back_in_line_undialled(
    process: Context, store: Store, simulator: Simulator, machine: Machine
) -> None:
    call = _admitted(store, "+12025550302")
    _pause(store, 60)
    watch = machine.stopwatch()

    assert place(process, call) is None
    assert watch.seconds < 10
    assert store.state(call) == CallState.WAITING
    assert _posts(simulator, "+12025550302") == 0


def test_a_call_that_another_worker_began_meanwhile_is_not_put_back_in_line(
    process: Context, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = _admitted(store, "+12025550308")
    _pause(store, 60)

    class Meanwhile:
        """What is logged between the question and the way back."""

        def debug(self, *_: object, **__: object) -> None:
            _pause(store, -1)
            store.ledger.begin(call, "another worker's")

    monkeypatch.setattr(placing, "log", Meanwhile())

    assert place(process, call) is None
    assert store.state(call) == CallState.DIALLING


def test_a_call_whose_slot_moves_off_again_and_again_goes_back_in_line(
    process: Context, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placing, "_MOST_WAITS", 0)
    call = _admitted(store, "+12025550303")
    _delay(store, call, 0.3)

    assert place(process, call) is None
    assert store.state(call) == CallState.WAITING


def test_while_twilio_is_not_reached_no_call_is_begun_and_the_account_waits(process: Context, store: Store) -> None:
    nobody = replace(process.settings, api_base_url=f"http://127.0.0.1:{reserve_port()}")
    call, before_ms = _admitted(store, "+12025550309"), store.now_ms()
    with capture_logs() as lines:
        assert place(replace(process, telephone=Telephone(nobody)), call) is None

    assert [line["event"] for line in lines] == ["twilio_not_reached"]
    record = store.task(call)
    assert record["state"] == CallState.WAITING
    assert not record.keys() & {"tries", "claim", "dialled_ms", "leaves_us"}
    paused_us = store.redis.hget("tw:pace:account", "paused_us")
    assert store.lies_after(float(paused_us) / 1000, placing.UNREACHED_PAUSE_SECONDS, before_ms)


def test_while_redis_does_not_answer_a_permission_is_asked_for_again(
    process: Context, store: Store, redis_server: RedisServer, simulator: Simulator
) -> None:
    call = _admitted(store, "+12025550304")
    impatient = _impatient(process, store, redis_server.url)
    impatient.telephone.stand()
    store.redis.client_pause(300)

    assert isinstance(outcome_of(place(impatient, call)), Placed | Deferred)
    assert store.state(call) in {CallState.PLACED, CallState.WAITING}  # its slot may have passed meanwhile
    assert _posts(simulator, "+12025550304") <= 1


def test_while_redis_does_not_answer_an_outcome_is_told_again(
    process: Context, store: Store, redis_server: RedisServer, simulator: Simulator
) -> None:
    number = "+12025550305"
    call = _admitted(store, number)
    simulator.fault(to=number, kind="slow", times=1, seconds=0.3)

    def pause() -> None:
        wait_until(lambda: _posts(simulator, number))
        store.redis.client_pause(600)

    pauses = threading.Thread(target=pause)
    pauses.start()
    place(_impatient(process, store, redis_server.url), call)
    pauses.join()

    assert store.state(call) == CallState.PLACED
    assert _posts(simulator, number) == 1


def test_without_redis_a_worker_does_not_ask_for_ever(
    process: Context, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placing, "_SETTLE_SECONDS", 0.1)

    with pytest.raises(RedisError):
        place(_impatient(process, store, f"redis://127.0.0.1:{reserve_port()}/0"), "a-call")


def test_an_outcome_that_no_replica_has_is_told_again(
    process: Context, store: Store, redis: "Redis", redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placing, "_SETTLE_SECONDS", 0.2)
    monkeypatch.setattr("runtime.scripts.REPLICATE_MS", 10)
    call = _admitted(store, "+12025550306")
    redis.config_resetstat()
    place(_impatient(process, store, redis_server.url, replicas=1), call)

    waits = redis.info("commandstats")["cmdstat_wait"]["calls"]
    assert waits > 2  # one for the permission


def test_no_log_line_shows_the_number_of_a_call_that_twilio_refused(process: Context, store: Store) -> None:
    call = _admitted(store, "+15005550001")
    with capture_logs() as lines:
        outcome = outcome_of(place(process, call))

    assert isinstance(outcome, Refused)
    assert "+15005550001" in outcome.reason
    assert any(line["event"] == "call_refused" for line in lines)
    assert "15005550001" not in str(lines)


def test_no_log_line_shows_a_number_that_twilio_names_when_it_says_later() -> None:
    assert "2025550307" not in placing._told(Deferred("Call to +12025550307 was not processed"))


def test_a_call_whose_number_came_onto_a_list_meanwhile_is_not_dialled_and_says_why(
    process: Context, store: Store, simulator: Simulator
) -> None:
    call = _admitted(store, "+12025557070")
    store.scripts.run(opt_out(OptOut(SERVICE, ["+12025557070"])))
    assert place(process, call) is None
    assert simulator.calls_to("+12025557070") == []
    assert (store.state(call), store.task(call)["reason"]) == ("cancelled", "do_not_call")
