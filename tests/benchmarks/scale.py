"""
Past this machine: python -m tests.benchmarks.scale --calls 10000000

Millions of waiting calls and 1,000 campaigns in one Redis, and 64 workers that run the scripts of calls through their
whole life as fast as they can: no Celery, no Twilio. Tells what is used up first, and at which rate.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Final
from uuid import uuid4

from redis import Redis

from schemas.limits import Limits
from schemas.scripts.begin import Go, Wait
from schemas.scripts.news import Report, Source
from schemas.scripts.outcome import Request, placed
from tests.benchmarks.backlog import MONTH_MS, Backlog
from tests.benchmarks.idle import cpu_seconds
from tests.processes import RedisServer
from worker.ledger import Ledger

CAMPAIGNS: Final = 1_000
NUMBERS: Final = 1_000
DUE: Final = 200_000  #: more than are brought through their life
PROCESSES: Final = 4
#: In nobody's way: what is looked for is what else holds calls up.
LIMITS: Final = Limits(1_000_000, 60_000_000, 1_000_000)
ADMITTED_AT_ONCE: Final = 10
SECONDS: Final = 10.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1] if __doc__ else None)
    parser.add_argument("--calls", type=int, default=1_000_000)
    parser.add_argument("--workers", type=int, default=64)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = RedisServer(Path(folder)).start()
        try:
            with Redis.from_url(server.url, decode_responses=True) as redis:
                fill(redis, options.calls)
                for appendfsync in ("always", "everysec"):
                    redis.config_set("appendfsync", appendfsync)
                    measure(server, redis, options.workers, appendfsync)
        finally:
            server.stop()
    return 0


def fill(redis: "Redis", calls: int) -> None:
    """Most calls are due in a month, some now."""
    redis.config_set("appendfsync", "everysec")
    redis.config_set("auto-aof-rewrite-percentage", 0)
    began = time.monotonic()
    backlog = Backlog(redis)
    for _ in range(CAMPAIGNS):
        backlog.campaign(NUMBERS)
    before = int(redis.info("memory")["used_memory"])
    backlog.copies(backlog.call(MONTH_MS), calls - DUE)
    backlog.copies(backlog.call(), DUE)
    memory = redis.info("memory")
    print(
        f"{calls:,} waiting calls and {CAMPAIGNS:,} campaigns in {time.monotonic() - began:.0f} s: "
        f"{(int(memory['used_memory']) - before) / calls:.0f} B a call, {memory['used_memory_rss_human']} resident",
        flush=True,
    )


def measure(server: RedisServer, redis: "Redis", workers: int, appendfsync: str) -> None:
    """Prints the rates, and whose time was used up."""
    assert server.process is not None
    redis.config_resetstat()
    used, began = cpu_seconds(server.process.pid), time.monotonic()
    with ProcessPoolExecutor(PROCESSES) as pool:
        counts = list(pool.map(work, [server.url] * PROCESSES, [workers // PROCESSES] * PROCESSES))
        seconds = time.monotonic() - began
        redis_share = (cpu_seconds(server.process.pid) - used) / seconds
    scripts = redis.info("commandstats")["cmdstat_evalsha"]
    workers_share = sum(cpu for _, cpu in counts) / seconds
    rate = scripts["calls"] / seconds
    calls = sum(count for count, _ in counts) / seconds
    print(
        f"appendfsync {appendfsync}, {workers} workers: {rate:,.0f} scripts/s, {scripts['usec_per_call']:.0f} µs each; "
        f"{calls:,.0f} calls/s; of {os.cpu_count()} cores Redis used {redis_share:.2f} and the workers "
        f"{workers_share:.2f}; Redis's own core would be full at {rate / redis_share:,.0f} scripts/s",
        flush=True,
    )


def work(url: str, threads: int) -> tuple[int, float]:
    """Calls brought through their life by one process, and its CPU seconds."""
    began = time.process_time()
    with ThreadPoolExecutor(threads) as pool:
        counts: Sequence[int] = list(pool.map(_worker, [url] * threads))
    return sum(counts), time.process_time() - began


def _worker(url: str) -> int:
    count, deadline = 0, time.monotonic() + SECONDS
    with Redis.from_url(url, decode_responses=True, protocol=2) as redis:
        ledger = Ledger(redis, LIMITS, timeout_seconds=30, retention_days=30)
        while time.monotonic() < deadline:
            for call_id in ledger.admit(ADMITTED_AT_ONCE):
                count += _call(ledger, call_id)
    return count


def _call(ledger: Ledger, call_id: str) -> bool:
    attempt = uuid4().hex
    while isinstance(permission := ledger.begin(call_id, attempt), Wait):
        time.sleep(permission.seconds)
    if not isinstance(permission, Go):
        return False
    sid = f"CA{attempt}"
    ledger.record_outcome(Request(call_id, permission.call.tries, 0), placed(sid, "queued", 60))
    for call_status in ("initiated", "ringing", "in-progress"):
        ledger.record_news(call_id, Report(Source.CALLBACK, sid, {"call_status": call_status}, check_seconds=60))
    ended = {"call_status": "completed", "duration_seconds": "8"}
    ledger.record_news(call_id, Report(Source.CALLBACK, sid, ended))
    return True


if __name__ == "__main__":
    sys.exit(main())
