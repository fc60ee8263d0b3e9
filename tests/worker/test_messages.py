"""A real worker takes the messages of every version, and lives through what it cannot use."""

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from schemas import keys
from schemas.messages import DISPATCH, PLACE, QUEUE, SWEEP
from tests.golden.keyspace import FOLDER, VERSIONS, restore
from tests.processes import ACCOUNT_SID, AUTH_TOKEN, BIN, Process, RedisServer, Simulator, wait_until
from tests.scripts.conftest import Store

#: The call that the golden message of calls.place names.
CALL = "the-call"


@pytest.fixture
def start(tmp_path: Path, redis_server: RedisServer, simulator: Simulator) -> Iterator[Callable[[str], Process]]:
    """Starts a worker that takes its messages from this queue."""
    variables = {
        "CELERY_BROKER_URL": redis_server.url,
        "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
        "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
        "TWILIO_API_BASE_URL": simulator.url,
        "CALLS_PER_SECOND": "1000",
        "SINGLE_CALLS_PER_MINUTE": "60000",
    }
    with ExitStack() as stack:

        def one(queue: str) -> Process:
            options = ["--queues", queue, "--pool", "threads", "--concurrency", "2", "--without-gossip"]
            command = [str(BIN / "celery"), "-A", "worker", "worker", *options, "--without-mingle"]
            process = Process("worker", command, tmp_path, variables)
            stack.callback(process.stop)
            return process

        yield one


@pytest.fixture
def worker(start: Callable[[str], Process]) -> Process:
    return start(QUEUE)


def with_arguments(message: str, *arguments: Any, **fields: Any) -> str:
    """The message with other arguments."""
    envelope = json.loads(message)
    _, _, options = json.loads(base64.b64decode(envelope["body"]))
    envelope["body"] = base64.b64encode(json.dumps([arguments, fields, options]).encode()).decode()
    return json.dumps(envelope)


def admitted(store: Store, version: str) -> str:
    """Restores an admitted call of that version, and returns its message; its number is its version's own."""
    golden = json.loads((FOLDER / f"{version}.json").read_text("utf-8"))
    case = golden["cases"]["single dispatched"]
    call = f"{CALL}-{version}"
    text = json.dumps(case["keys"]).replace(case["call"], call).replace("+12025550100", number_of(version))
    restore(store.redis, json.loads(text))
    return with_arguments(golden["messages"][PLACE], call_id=call)


def number_of(version: str) -> str:
    return f"+1202555{version[1:]:0>4}"


def test_messages_of_every_version_place_their_calls_and_useless_ones_are_dropped(
    worker: Process, store: Store, redis: "Redis", simulator: Simulator
) -> None:
    messages = [admitted(store, version) for version in VERSIONS]
    damaged = store.placed("+12025559999")
    store.pass_time(2 * 86_400)
    calls = [f"{CALL}-{version}" for version in VERSIONS]
    for queue in ("stuck", "checks"):  # lest the sweep takes their messages for lost
        redis.zrem(keys.PREFIX + queue, *calls)
    redis.hset(keys.task(damaged), "created_ms", "")
    golden = json.loads((FOLDER / f"{VERSIONS[0]}.json").read_text("utf-8"))["messages"]
    useless = [
        with_arguments(messages[0]),
        with_arguments(messages[0], call_id=5),
        with_arguments(messages[0], call_id=""),
        with_arguments(messages[0], "an id by position"),
        with_arguments(messages[0], call_id="no-such-call", a_later_field="x"),
    ]
    for message in [*useless, with_arguments(golden[SWEEP], a_later_field="x"), *messages]:
        redis.lpush(QUEUE, message)

    wait_until(lambda: all(store.task(call).get("sid") for call in calls), what="the calls are placed")
    wait_until(lambda: worker.output.count('"message_malformed"') == 4, what="the useless messages are dropped")
    assert len(simulator.calls_to(*map(number_of, VERSIONS))) == len(VERSIONS)
    assert worker.output.count('"record_left_alone"') == 1
    assert (store.score("checks", damaged) or 0) - store.now_ms() > 86_000_000
    assert "Traceback" not in worker.output


def with_fields(message: str, **fields: Any) -> str:
    """The message with other fields of its envelope."""
    return json.dumps(json.loads(message) | {name.replace("_", "-"): value for name, value in fields.items()})


def packed(body: Any) -> str:
    return base64.b64encode(json.dumps(body).encode()).decode()


def test_what_is_no_message_is_dropped_for_good_and_ends_no_worker(
    start: Callable[[str], Process], store: Store, redis: "Redis", simulator: Simulator
) -> None:
    message = admitted(store, VERSIONS[-1])
    envelopes: dict[str, list[Any]] = {
        "body": [5, "%%%", packed([]), packed([1]), packed(5), packed([[], [], 5])],
        "properties": [None, [], {}, {"delivery_tag": []}],
        "headers": [None, [], "x", {}, {"task": []}, {"task": PLACE}],
        "content_type": [5, None, "text/plain", "application/x-yaml"],
        "content_encoding": [5, "rot13", "zlib", "hex"],
    }
    odd: list[str | bytes] = [
        *("", "garbage", "[]", "null", "5", '"x"', b"\xff\xfe\x00", "[" * 100_000, "{}"),
        *(with_fields(message, **{name: value}) for name, values in envelopes.items() for value in values),
    ]
    calls_before = len(simulator.calls_to(number_of(VERSIONS[-1])))
    for one in [*odd, message]:
        redis.lpush(QUEUE, one)
    worker = start(QUEUE)
    wait_until(lambda: store.task(f"{CALL}-{VERSIONS[-1]}").get("sid"), what="the call behind them is placed")
    assert len(simulator.calls_to(number_of(VERSIONS[-1]))) == calls_before + 1
    assert "message_unreadable" in worker.output
    assert worker.stop() == 0
    assert redis.llen(QUEUE) == 0


def test_a_message_that_a_worker_had_fetched_goes_back_when_it_ends(
    worker: Process, store: Store, redis: "Redis", simulator: Simulator
) -> None:
    """Two calls keep its two threads busy."""
    numbers = ["+12025552310", "+12025552311", "+12025552312"]
    calls = [store.call(number) for number in numbers]
    assert set(store.ledger.admit(50)) == set(calls)
    golden = json.loads((FOLDER / f"{VERSIONS[0]}.json").read_text("utf-8"))["messages"][PLACE]
    for number, call in zip(numbers, calls, strict=True):
        simulator.fault(to=number, kind="slow", seconds=6)
        redis.lpush(QUEUE, with_arguments(golden, call_id=call))

    def two_are_dialled() -> bool:
        for call in store.ledger.admit(50):  # its slot was over before the worker came to it
            redis.lpush(QUEUE, with_arguments(golden, call_id=call))
        return [store.state(call) for call in calls].count("dialling") == 2

    wait_until(two_are_dialled)
    wait_until(lambda: redis.llen(QUEUE) == 0, what="the third message is fetched")

    assert worker.stop() == 0
    assert redis.llen(QUEUE) == 1
    assert sorted(str(store.state(call)) for call in calls) == ["dispatched", "placed", "placed"]


def test_the_message_of_a_call_ends_by_no_clock_of_a_host(
    start: Callable[[str], Process], store: Store, redis: "Redis"
) -> None:
    """The worker that admits a call takes no messages of calls, so that it stays where another one would find it."""
    store.call("+12025552320")
    golden = json.loads((FOLDER / f"{VERSIONS[0]}.json").read_text("utf-8"))["messages"]
    wake_up = json.loads(golden[DISPATCH])
    wake_up["headers"]["expires"] = None  # as earlier versions did not have it
    redis.lpush("elsewhere", json.dumps(wake_up))
    start("elsewhere")
    wait_until(lambda: redis.llen(QUEUE) > 0, what="the call is admitted")
    headers = json.loads(str(redis.lindex(QUEUE, 0)))["headers"]

    assert (headers["task"], headers["expires"]) == (PLACE, None)
