"""The web tier's figures: accepting, asking, campaigns, and answers while Redis pauses."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import requests
from celery import Celery
from redis import Redis

from tests.benchmarks.servers import Server, redis_on_load_core, running
from tests.benchmarks.table import Row, alternate
from tests.processes import BASE_PATH

BODY: Final = '{"to_number": "NUMBER", "call_metadata": {"customer_id": "12345", "message": "Hello."}}'
LOAD_SECONDS: Final = 3
PAUSE_MS: Final = 50
PAUSE_EVERY_SECONDS: Final = 1
BULK_NUMBERS: Final = 1000


def rows(rounds: int, folder: Path) -> Iterator[Row]:
    """All rows of the web tier; `folder` is empty."""
    with ExitStack() as stack:
        own_redis = stack.enter_context(redis_on_load_core(folder / "redis"))
        peers_redis = stack.enter_context(redis_on_load_core(folder / "peers-redis"))
        ours = stack.enter_context(running("ours", folder, own_redis.url))
        fastapi = stack.enter_context(running("fastapi", folder, peers_redis.url))
        bare = stack.enter_context(running("aiohttp", folder))
        clients = [stack.enter_context(Redis.from_url(one.url)) for one in (own_redis, peers_redis)]
        singles = alternate(
            rounds,
            {
                "ours": lambda: _singles_per_second(ours, f"{BASE_PATH}/queue-single-call", clients),
                "fastapi": lambda: _singles_per_second(fastapi, "/queue-single-call", clients),
                "aiohttp": lambda: _singles_per_second(bare, "/queue-single-call", clients),
            },
        )
        what = "POST /queue-single-call, one process on one core"
        yield Row(what, "/s", singles["ours"], "FastAPI + pydantic + send_task", singles["fastapi"], 5)
        yield Row(what, "/s", singles["ours"], "bare aiohttp, no Redis", singles["aiohttp"], 0.4)
        yield from _paused_rows(rounds, ours, fastapi, singles, clients)
        yield _status_row(rounds, ours, bare)
        yield _bulk_row(rounds, ours, peers_redis.url, clients)


def _singles_per_second(server: Server, path: str, clients: list["Redis"]) -> float:
    for client in clients:
        client.flushall()
    return float(server.load(path, method="POST", body=BODY, seconds=LOAD_SECONDS)["per_second"])


def _paused_rows(
    rounds: int, ours: Server, fastapi: Server, singles: dict[str, float], clients: list["Redis"]
) -> Iterator[Row]:
    def p99_ms(server: Server, path: str, rate: float) -> float:
        for client in clients:
            client.flushall()
        with paused(clients):
            load = {"seconds": 2 * LOAD_SECONDS, "rate": rate, "connections": 512}
            return float(server.load(path, method="POST", body=BODY, **load)["p99_ms"])

    taken = alternate(
        rounds,
        {
            "ours": lambda: p99_ms(ours, f"{BASE_PATH}/queue-single-call", singles["ours"] / 2),
            "fastapi, the same load": lambda: p99_ms(fastapi, "/queue-single-call", singles["ours"] / 2),
            "fastapi, half of its own": lambda: p99_ms(fastapi, "/queue-single-call", singles["fastapi"] / 2),
        },
    )
    what = f"its p99 at half load, Redis pausing {PAUSE_MS} ms every second"
    yield Row(what, "ms", taken["ours"], "the same peer and load", taken["fastapi, the same load"], 0.2, "most")
    peer = "the same peer at half of its own"
    yield Row(what, "ms", taken["ours"], peer, taken["fastapi, half of its own"], 1, "most")


@contextmanager
def paused(clients: list["Redis"]) -> Iterator[None]:
    """Redis answers nobody for PAUSE_MS, once every PAUSE_EVERY_SECONDS."""
    over = threading.Event()

    def pause() -> None:
        while not over.wait(PAUSE_EVERY_SECONDS):
            for client in clients:
                client.client_pause(PAUSE_MS)

    thread = threading.Thread(target=pause)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _status_row(rounds: int, ours: Server, bare: Server) -> Row:
    answer = requests.post(
        f"http://127.0.0.1:{ours.port}{BASE_PATH}/queue-single-call", json={"to_number": "+12025550123"}, timeout=10
    )
    task_id = answer.json()["task_id"]
    taken = alternate(
        rounds,
        {
            "ours": lambda: ours.load(f"{BASE_PATH}/task-status/{task_id}", seconds=LOAD_SECONDS)["per_second"],
            "aiohttp": lambda: bare.load(f"/task-status/{task_id}", seconds=LOAD_SECONDS)["per_second"],
        },
    )
    return Row("GET /task-status", "/s", taken["ours"], "bare aiohttp, no Redis", taken["aiohttp"], 0.45)


def _bulk_row(rounds: int, ours: Server, broker_url: str, clients: list["Redis"]) -> Row:
    celery = Celery("peer", broker=broker_url, set_as_current=False)
    numbers = [f"+1202{number:07}" for number in range(BULK_NUMBERS)]
    with requests.Session() as session:

        def one_campaign() -> float:
            url = f"http://127.0.0.1:{ours.port}{BASE_PATH}/queue-bulk-calls"
            began = time.perf_counter()
            session.post(url, json={"phone_numbers": numbers}, timeout=10).raise_for_status()
            return 1 / (time.perf_counter() - began)

        def a_thousand_messages() -> float:
            began = time.perf_counter()
            for number in numbers:
                celery.send_task("calls.place", kwargs={"to_number": number}, ignore_result=True)
            return 1 / (time.perf_counter() - began)

        for client in clients:
            client.flushall()
        one_campaign(), a_thousand_messages()
        taken = alternate(rounds, {"ours": one_campaign, "send_task": a_thousand_messages})
    celery.close()
    what = f"POST /queue-bulk-calls, {BULK_NUMBERS} numbers"
    return Row(what, "/s", taken["ours"], f"{BULK_NUMBERS} times send_task", taken["send_task"], 50)
