"""What calls cost a stack, and how late they were: read from its processes, its Redis and its receiver."""

import time
from collections.abc import Mapping
from typing import Any, Final

import requests
from redis import Redis

from tests.benchmarks.idle import cpu_seconds
from tests.stack import Stack

_LOST_AFTER_SECONDS: Final = 30.0


def cpu(pids: Mapping[str, int]) -> dict[str, float]:
    """Seconds that each process has used."""
    return {name: cpu_seconds(pid) for name, pid in pids.items()}


def others_cpu(stack: Stack) -> float:
    """Seconds that the simulator and the receiver have used."""
    sinks = [process for process in stack.processes if process.name == "sink"]
    return sum(cpu_seconds(process.pid) for process in (stack.simulator.process, *sinks))


def scripts(stack: Stack) -> int:
    """How many scripts Redis has run."""
    with Redis.from_url(stack.redis.url, decode_responses=True) as redis:
        stats: dict[str, dict[str, Any]] = redis.info("commandstats")
    return sum(int(stats.get(f"cmdstat_{word}", {}).get("calls", 0)) for word in ("eval", "evalsha"))


def calls_accepted(name: str, stack: Stack) -> int:
    """How many calls Redis holds, of ours or of the peer's."""
    pattern = "call:*" if name == "peer" else "*task:*"
    with Redis.from_url(stack.redis.url, decode_responses=True) as redis:
        return sum(1 for key in redis.scan_iter(pattern, count=1000) if redis.type(key) == "hash")


def late_ms(stack: Stack) -> list[float]:
    """From acceptance to the last gate, of each call, sorted."""
    with Redis.from_url(stack.redis.url, decode_responses=True) as redis:
        found = [redis.hmget(key, "created_ms", "dialled_ms") for key in redis.scan_iter("*task:*", count=1000)]
    return sorted(float(dialled) - float(created) for created, dialled in found if created and dialled)


def all_delivered(sink_port: int, expected: int) -> int:
    """How many events came, once all did that were expected, or none does any more."""
    events, since = 0, time.monotonic()
    while events < expected and time.monotonic() - since < _LOST_AFTER_SECONDS:
        time.sleep(0.5)
        now = int(told_by(sink_port)["events"])
        if now > events:
            events, since = now, time.monotonic()
    return events


def told_by(sink_port: int) -> dict[str, Any]:
    """What the receiver of events counted; empty while it does not listen yet."""
    try:
        return dict(requests.get(f"http://127.0.0.1:{sink_port}/", timeout=5).json())
    except requests.ConnectionError:
        return {}
