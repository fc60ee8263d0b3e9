"""What a page of tasks, of a campaign's calls, and a filtered one take among a million numbers and 100,000 calls."""

import http.client
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, Final, NamedTuple

from redis import Redis

from schemas import keys
from schemas.moment import utc_text
from tests.benchmarks.idle import cpu_seconds
from tests.benchmarks.million import Million, Sizes
from tests.benchmarks.servers import Server, redis_on_load_core, running
from tests.benchmarks.table import Row, number
from tests.processes import BASE_PATH, RedisServer

MOST_MS: Final = 20.0
ASKED_A_ROUND: Final = 200
#: Bytes that each may take: a single call that waits, a campaign's number before its attempt, and a call that is over.
MOST_WAITING: Final = 700
MOST_NUMBER: Final = 17
MOST_LIVED: Final = 1600


class Asked(NamedTuple):
    """What came of asking for one page again and again."""

    taken_ms: Sequence[float]  #: sorted
    web_ms: float  #: CPU time of the web process for each answer
    redis_ms: float  #: and of Redis
    rows: int  #: of the last page

    @property
    def p99_ms(self) -> float:
        """Of a hundred answers one took longer."""
        return self.taken_ms[len(self.taken_ms) * 99 // 100]


def rows(rounds: int, folder: Path) -> Iterator[Row]:
    """A row for each kind of page, and one for each size; `folder` is empty."""
    with redis_on_load_core(folder / "redis") as redis, running("ours", folder, redis.url) as web:
        with Redis.from_url(redis.url, decode_responses=True) as client:
            began, million = time.monotonic(), Million(client)
            sizes = million.fill()
            sys.stderr.write(f"  filled in {time.monotonic() - began:.0f} s\n")
        for what, path in _pages(million).items():
            asked = _ask(web, redis, path, rounds * ASKED_A_ROUND)
            sys.stderr.write(f"  {what}: {_told(asked)}\n")
            yield Row(f"{what}, p99", "ms", asked.p99_ms, "allowed", MOST_MS, 1, "most")
    yield from _sized(sizes)


def _pages(million: Million) -> Mapping[str, str]:
    """Each kind of page and where it is; the singles that are due later are the newest tasks."""
    tasks, calls = f"{BASE_PATH}/tasks", f"{BASE_PATH}/tasks/{{}}/calls"
    lived, small, large = million.lived[0], million.small[0], million.large
    return {
        "`GET /tasks`": tasks,
        "the same, 200 rows": f"{tasks}?limit=200",
        "the same, filtered; 2,000 are looked at in vain": f"{tasks}?kind=bulk",
        "the same, filtered by a status that none has": f"{tasks}?status=SUCCESS",
        "50 campaigns of it": f"{tasks}?kind=bulk&created_to={_before_the_newest(million)}",
        "calls of a campaign that waits": calls.format(small),
        "calls of one that is over": calls.format(lived),
        "the same calls, 200 rows": f"{calls.format(lived)}?limit=200",
        "the busy ones of it": f"{calls.format(lived)}?outcome=busy",
        "the busy ones of 100,000 that wait, in vain": f"{calls.format(large)}?outcome=busy",
        "those that wait for the pace, of 100,000": f"{calls.format(large)}?waiting_for=pace",
        "those that wait for a retry, of 100,000, in vain": f"{calls.format(large)}?waiting_for=retry",
    }


def _before_the_newest(million: Million) -> str:
    """The instant behind the last campaign's acceptance."""
    created_ms = int(million.redis.hget(keys.task(million.large), "created_ms") or 0)
    return utc_text(created_ms + 1)


def _ask(web: Server, redis: RedisServer, path: str, times: int) -> Asked:
    """Asks for a page so many times, one after the other, over one connection."""
    assert redis.process is not None
    connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=60)
    page = _answer(connection, path)
    web_before, redis_before = cpu_seconds(web.process.pid), cpu_seconds(redis.process.pid)
    taken_ms = []
    for _ in range(times):
        began = time.perf_counter()
        page = _answer(connection, path)
        taken_ms.append((time.perf_counter() - began) * 1e3)
    web_ms = (cpu_seconds(web.process.pid) - web_before) * 1e3 / times
    redis_ms = (cpu_seconds(redis.process.pid) - redis_before) * 1e3 / times
    connection.close()
    shown: dict[str, Any] = json.loads(page)
    return Asked(sorted(taken_ms), web_ms, redis_ms, len(shown.get("tasks", shown.get("calls", []))))


def _answer(connection: http.client.HTTPConnection, path: str) -> bytes:
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != http.client.OK:
        raise RuntimeError(f"{path}: {answer.status} {body!r}")
    return body


def _told(asked: Asked) -> str:
    return (
        f"{asked.rows} rows, median {number(median(asked.taken_ms))}, p99 {number(asked.p99_ms)},"
        f" most {number(asked.taken_ms[-1])} ms; CPU web {number(asked.web_ms)}, Redis {number(asked.redis_ms)} ms;"
        f" load {os.getloadavg()[0]:.1f}"
    )


def _sized(sizes: Sizes) -> Iterator[Row]:
    for what, size, most in (
        ("Redis memory of a single call that is due", sizes.due_single, MOST_WAITING),
        ("of one that is due in a month", sizes.later_single, MOST_WAITING),
        ("of a campaign's number before its attempt", sizes.number, MOST_NUMBER),
        ("of a single call that is over, with its events", sizes.lived_single, MOST_LIVED),
        ("of a campaign's number that is over, with its events", sizes.lived_number, MOST_LIVED),
    ):
        yield Row(what, "B", size, "allowed", most, 1, "most")
