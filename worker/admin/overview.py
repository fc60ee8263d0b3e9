"""What waits, what is live, what holds it, and who is alive: read at one instant."""

from collections import Counter
from typing import Any, Final

from schemas import keys
from schemas.moment import utc_text
from schemas.pulses import BEAT_FRESH_MS, WORKER_FRESH_MS
from schemas.records import RANKS
from worker.admin.desk import Desk

#: Campaigns that are listed one by one.
MOST_CAMPAIGNS: Final = 20
#: lines.lua: ranks are so far apart in line.
_RANK_STEP: Final = 10**13


def overview(desk: Desk) -> dict[str, Any]:
    """The queue as JSON; instants are ISO 8601 in UTC, or None."""
    pipeline = desk.redis.pipeline(transaction=True)
    pipeline.time()
    for name in ("later", "ready:calls", "ready:campaigns", "relays"):
        pipeline.zcard(keys.PREFIX + name)
    for rank in RANKS.values():
        pipeline.zcount(keys.PREFIX + "ready:calls", rank * _RANK_STEP, f"({(rank + 1) * _RANK_STEP}")
    pipeline.hgetall(keys.PREFIX + "pace:account")
    pipeline.hgetall(keys.PREFIX + "pace:singles")
    pipeline.hgetall(keys.PREFIX + "halt")
    pipeline.hgetall(keys.PREFIX + "drain")
    pipeline.smembers(keys.PREFIX + "live")
    pipeline.zrange(keys.PREFIX + "workers", 0, -1, withscores=True)
    pipeline.zrange(keys.PREFIX + "beats", 0, -1, withscores=True)
    pipeline.zrange(keys.PREFIX + "ready:campaigns", 0, MOST_CAMPAIGNS - 1)
    clock, later, calls, campaigns, relays, *rest = pipeline.execute()
    by_rank, (account, singles, halt, drain, live, workers, beats, first) = rest[: len(RANKS)], rest[len(RANKS) :]
    now_ms = clock[0] * 1000 + clock[1] // 1000
    return {
        "now": utc_text(now_ms),
        "waiting": {
            "not_due": later,
            "due_calls": calls,
            "due_by_priority": dict(zip(RANKS, by_rank, strict=True)),
            "due_campaigns": campaigns,
        },
        "live": {"total": len(live), "limit": desk.limits.max_live_calls, **_states(desk, live)},
        "account": {
            "next_call_at": _future_us(account.get("free_us"), now_ms),
            "next_single_call_at": _future_us(singles.get("free_us"), now_ms),
            "paused_until": _future_us(account.get("paused_us"), now_ms),
            "halted": halt.get("reason"),
            "next_probe_at": utc_text(int(halt["probe_ms"])) if halt else None,
            "drained_since": utc_text(int(drain["since_ms"])) if drain else None,
        },
        "workers": _fresh(workers, now_ms - WORKER_FRESH_MS),
        "beats": _fresh(beats, now_ms - BEAT_FRESH_MS),
        "undelivered_events": relays,
        "campaigns": _campaigns(desk, first, live),
    }


def _states(desk: Desk, live: set[str]) -> dict[str, int]:
    pipeline = desk.redis.pipeline(transaction=False)
    for call_id in live:
        pipeline.hget(keys.task(call_id), "state")
    return dict(sorted(Counter(state or "gone" for state in pipeline.execute()).items()))


def _campaigns(desk: Desk, first_in_line: list[str], live: set[str]) -> list[dict[str, Any]]:
    """Campaigns that are due, and those that have calls live."""
    dialling = sorted({call_id.rpartition("-")[0] for call_id in live} - set(first_in_line))
    pipeline = desk.redis.pipeline(transaction=False)
    ids = [*first_in_line, *dialling][:MOST_CAMPAIGNS]
    for campaign_id in ids:
        pipeline.hmget(keys.task(campaign_id), "kind", "live", "max_live")
        pipeline.llen(keys.numbers(campaign_id))
    answers = pipeline.execute()
    return [
        {"id": campaign_id, "waiting": numbers, "live": int(its[1] or 0), "max_live": int(its[2] or 0)}
        for campaign_id, its, numbers in zip(ids, answers[::2], answers[1::2], strict=True)
        if its[0] == "bulk"
    ]


def _future_us(us: str | None, now_ms: int) -> str | None:
    ms = int(us or 0) / 1000
    return utc_text(ms) if ms > now_ms else None


def _fresh(pulses: list[tuple[str, float]], since_ms: float) -> list[str]:
    return [name for name, pulse_ms in pulses if pulse_ms >= since_ms]
