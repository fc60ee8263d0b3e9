"""The web tier's figures: accepting, asking, and campaigns."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import requests
from celery import Celery
from redis import Redis

from tests.benchmarks.servers import Server, redis_on_load_core, running
from tests.benchmarks.table import Row, alternate
from tests.processes import BASE_PATH

#: NUMBER is another one in each request.
BODY: Final = '{"to_number": "NUMBER", "call_metadata": {"customer_id": "12345", "message": "Hello."}}'
LOAD_SECONDS: Final = 2
BULK_NUMBERS: Final = 1000


def rows(rounds: int, folder: Path) -> Iterator[Row]:
    """Four rows; `folder` is empty."""
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
                "ours": lambda: singles_per_second(ours, f"{BASE_PATH}/queue-single-call", clients),
                "fastapi": lambda: singles_per_second(fastapi, "/queue-single-call", clients),
                "aiohttp": lambda: singles_per_second(bare, "/queue-single-call", clients),
            },
        )
        what = "POST /queue-single-call, one process on one core"
        yield Row(what, "/s", singles["ours"], "FastAPI + pydantic + send_task", singles["fastapi"], 5)
        yield Row(what, "/s", singles["ours"], "bare aiohttp, no Redis", singles["aiohttp"], 0.4)
        yield _status_row(rounds, ours, bare)
        yield _bulk_row(rounds, ours, peers_redis.url, clients)


def singles_per_second(server: Server, path: str, clients: list["Redis"]) -> float:
    """What a server accepts from 64 connections that ask again at once; every Redis is empty before."""
    for client in clients:
        client.flushall()
    return float(server.load(path, method="POST", body=BODY, seconds=LOAD_SECONDS)["per_second"])


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
    return Row(
        "GET /task-status of a call that waits", "/s", taken["ours"], "bare aiohttp, no Redis", taken["aiohttp"], 0.45
    )


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
