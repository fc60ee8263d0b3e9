"""What waits, what is live, what holds it, and who is alive: read at one instant."""

from typing import Any, Final

from schemas.moment import utc_text
from schemas.records import RANKS
from worker.admin.store import Store

#: Campaigns that are listed one by one.
MOST_CAMPAIGNS: Final = 20


def overview(store: Store) -> dict[str, Any]:
    """The queue as JSON; instants are ISO 8601 in UTC, or None."""
    found = store.overview(MOST_CAMPAIGNS)
    return {
        "now": utc_text(found.now_ms),
        "waiting": {
            "not_due": found.not_due,
            "due_calls": sum(found.due_calls.values()),
            "due_by_priority": {priority: found.due_calls[rank] for priority, rank in RANKS.items()},
            "due_campaigns": sum(found.due_campaigns.values()),
        },
        "live": {"total": sum(found.live.values()), "limit": store.limits.max_live_calls, **found.live},
        "account": {
            "next_call_at": _future(found.account_free_us, found.now_ms),
            "next_single_call_at": _future(found.singles_free_us, found.now_ms),
            "paused_until": _future(found.paused_us, found.now_ms),
            "held": found.held or None,
            "next_probe_at": utc_text(found.probe_ms) if found.held else None,
            "drained_since": utc_text(found.drained_ms) if found.drained_ms else None,
        },
        "workers": found.workers,
        "beats": found.beats,
        "undelivered_events": found.relay_backlog,
        "campaigns": [campaign._asdict() for campaign in found.campaigns],
    }


def _future(at_us: int, now_ms: int) -> str | None:
    return utc_text(at_us / 1000) if at_us / 1000 > now_ms else None
