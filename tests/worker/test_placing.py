"""Placing a call: asked for until Redis answers, dialled at its slot or not at all, its outcome recorded surely."""

import threading
import time
from dataclasses import replace

import pytest
from redis import Redis
from redis.exceptions import RedisError
from structlog.testing import capture_logs

from schemas.states import CallState
from tests.processes import RedisServer, Simulator, free_port, wait_until
from tests.scripts.conftest import Store
from worker import placing
from worker.arrivals import Arrivals
from worker.connection import connect
from worker.context import Context
from worker.ledger import Ledger
from worker.outcomes import Deferred, Placed, Refused
from worker.placing import place
from worker.settings import Settings
from worker.telephone import Telephone


@pytest.fixture
def process(settings: Settings, store: Store) -> Context:
    """What a worker process holds."""
    return Context(settings, store.ledger, Telephone(settings), Arrivals())


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


def _posts(simulator: Simulator, number: str) -> int:
    return sum(request["to"] == number for request in simulator.requests())


def test_a_call_that_waits_in_the_worker_for_its_slot_is_not_late_for_it(process: Context, store: Store) -> None:
    call = _admitted(store, "+12025550301")
    _delay(store, call, 0.3)

    assert isinstance(place(process, call), Placed)


def test_a_call_whose_slot_is_far_off_goes_back_in_line_undialled(
    process: Context, store: Store, simulator: Simulator
) -> None:
    call = _admitted(store, "+12025550302")
    _delay(store, call, 60)
    began = time.monotonic()

    assert place(process, call) is None
    assert time.monotonic() - began < 1
    assert store.state(call) == CallState.WAITING
    assert _posts(simulator, "+12025550302") == 0


def test_a_call_that_another_worker_began_meanwhile_is_not_put_back_in_line(
    process: Context, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = _admitted(store, "+12025550308")
    _delay(store, call, 60)

    class Meanwhile:
        """What is logged between the question and the way back."""

        def debug(self, *_: object, **__: object) -> None:
            _delay(store, call, -1)
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


def test_while_redis_does_not_answer_a_permission_is_asked_for_again(
    process: Context, store: Store, redis_server: RedisServer, simulator: Simulator
) -> None:
    call = _admitted(store, "+12025550304")
    impatient = _impatient(process, store, redis_server.url)
    impatient.telephone.warm_up()
    store.redis.client_pause(300)

    assert isinstance(place(impatient, call), Placed | Deferred)
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
        place(_impatient(process, store, f"redis://127.0.0.1:{free_port()}/0"), "a-call")


def test_an_outcome_that_no_replica_has_is_told_again(
    process: Context, store: Store, redis: "Redis", redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placing, "_SETTLE_SECONDS", 0.2)
    monkeypatch.setattr("worker.ledger.CONFIRM_MS", 10)
    call = _admitted(store, "+12025550306")
    redis.config_resetstat()
    place(_impatient(process, store, redis_server.url, replicas=1), call)

    waits = redis.info("commandstats")["cmdstat_wait"]["calls"]
    assert waits > 2  # one for the permission


def test_no_log_line_shows_the_number_of_a_call_that_twilio_refused(process: Context, store: Store) -> None:
    call = _admitted(store, "+15005550001")
    with capture_logs() as lines:
        outcome = place(process, call)

    assert isinstance(outcome, Refused)
    assert "+15005550001" in outcome.reason
    assert any(line["event"] == "call_refused" for line in lines)
    assert "15005550001" not in str(lines)


def test_no_log_line_shows_a_number_that_twilio_names_when_it_says_later() -> None:
    assert "2025550307" not in placing._told(Deferred("Call to +12025550307 was not processed"))
