"""What a waiting call takes in Redis, beside the bytes of its id and of its fields' names and values."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import requests
from redis import Redis

from schemas import keys
from tests.benchmarks.backlog import METADATA, MONTH_MS, Backlog
from tests.benchmarks.table import Row
from tests.processes import BASE_PATH, START_SECONDS, wait_until
from tests.stack import Stack

CALLS: Final = 100_000
MOST_BYTES: Final = 700


def rows(rounds: int, folder: Path) -> Iterator[Row]:
    """Two rows for a call that is due and two for a scheduled one; `folder` is empty. One round tells all."""
    del rounds
    stack = Stack(folder)
    try:
        stack.start_web()
        wait_until(lambda: _answers(stack), START_SECONDS, "the web tier answers")
        with Redis.from_url(stack.redis.url, decode_responses=True) as redis:
            fields = _fields_of_the_api(stack, redis)
            for what, due_in_ms in (("due", 0), ("scheduled", MONTH_MS)):
                redis.flushdb()
                backlog = Backlog(redis)
                call_id = backlog.call(due_in_ms)
                record = redis.hgetall(keys.task(call_id))
                assert set(record) == fields, f"the API's records have other fields: {fields ^ set(record)}"
                raw = len(call_id) + sum(len(name) + len(value) for name, value in record.items())
                taken = _bytes_a_call(backlog, call_id)
                yield Row(f"Redis memory of a call that is {what}", "B", taken, "its raw fields", raw, 2, "most")
                yield Row(f"Redis memory of a call that is {what}", "B", taken, "allowed", MOST_BYTES, 1, "most")
    finally:
        stack.stop()


def _fields_of_the_api(stack: Stack, redis: "Redis") -> set[str]:
    body = f'{{"to_number": "+12025550100", "call_metadata": {METADATA}}}'
    url = f"{stack.url}{BASE_PATH}/queue-single-call"
    answer = requests.post(url, data=body, headers={"Content-Type": "application/json"}, timeout=10)
    return set(map(str, redis.hkeys(keys.task(answer.json()["task_id"]))))


def _bytes_a_call(backlog: Backlog, call_id: str) -> float:
    backlog.copies(call_id, 1)  # so that the script itself is not counted
    before = _used_bytes(backlog.redis)
    backlog.copies(call_id, CALLS)
    return (_used_bytes(backlog.redis) - before) / CALLS


def _used_bytes(redis: "Redis") -> int:
    """What Redis uses while it does not rewrite its append-only file, for which it keeps what comes meanwhile."""
    wait_until(lambda: not redis.info("persistence")["aof_rewrite_in_progress"], 60, "the file is rewritten")
    wait_until(lambda: redis.info("memory")["mem_aof_buffer"] < CALLS, 10, "what was kept for it is freed")
    return int(redis.info("memory")["used_memory"])


def _answers(stack: Stack) -> bool:
    try:
        return requests.get(f"{stack.url}/livez", timeout=2).ok
    except requests.ConnectionError:
        return False
