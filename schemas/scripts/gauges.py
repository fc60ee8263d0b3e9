"""health.lua, figures.lua and overview.lua: what Redis holds at one instant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from schemas.lua.script import Script, paired
from schemas.operation.part import Part


@dataclass(frozen=True, slots=True)
class Condition:
    """Who is alive, how much waits, and what holds it: for /health."""

    workers: int
    beats: int
    queue_depth: int
    held: str = ""  #: why the account is held; '' if it is not
    drained: bool = False  #: the operator lets no call go
    copy_ms: int = 0  #: when `backup` took the copy that these records are; 0 if they are none
    parts: Sequence[Part] = ()  #: web processes, workers and beats, as they reported


@dataclass(frozen=True, slots=True)
class Figures:
    """For /metrics. A campaign that waits counts as one."""

    waiting_due: int
    waiting_later: int
    live: int
    next_slot_seconds: float
    relay_backlog: int
    workers: int
    beats: int
    held: bool
    ended: Mapping[str, int] = field(
        default_factory=dict
    )  #: by the words of a campaign's counts, since the records began


def health(client: str | None = None) -> Script[Condition]:
    """The figures of GET /health; of what waits, one client's, or everybody's for None."""
    return Script("health", () if client is None else (client,), _condition)


def _condition(answer: Any) -> Condition:
    workers, beats, depth, held, drained, copy_ms, told = answer
    parts = tuple(Part.read(name, text) for name, text in paired(told).items())
    return Condition(workers, beats, depth, held, drained == "1", int(copy_ms), parts)


def figures() -> Script[Figures]:
    """The gauges of GET /metrics."""
    return Script("figures", (), _figures)


def _figures(answer: Any) -> Figures:
    due, later, live, next_us, relays, workers, beats, held, ended = answer
    counts = {outcome: int(count) for outcome, count in paired(ended).items()}
    return Figures(due, later, live, int(next_us) / 1e6, relays, workers, beats, held == 1, counts)


class CampaignFigures(NamedTuple):
    """A campaign in the Overview."""

    id: str
    waiting: int  #: numbers not dialled yet
    live: int
    max_live: int


@dataclass(frozen=True, slots=True)
class Overview:
    """For the operator. Instants are 0 when nothing is set."""

    now_ms: int
    not_due: int
    relay_backlog: int  #: calls with events to pass on
    due_calls: Mapping[int, int]  #: by rank
    due_campaigns: Mapping[int, int]
    account_free_us: int
    paused_us: int
    singles_free_us: int
    held: str  #: why the account is held; '' if it is not
    probe_ms: int
    drained_ms: int
    workers: Sequence[str]
    beats: Sequence[str]
    live: Mapping[str, int]  #: live calls by state
    campaigns: Sequence[CampaignFigures]


def overview(ranks: Sequence[int], most_campaigns: int) -> Script[Overview]:
    """The queue, with at most so many campaigns by name: those that are due, then others with live calls."""

    def read(answer: Any) -> Overview:
        now_ms, sizes, due_calls, due_campaigns, free_us, holds, workers, beats, live, campaigns = answer
        not_due, relay_backlog = sizes
        account_free_us, paused_us, singles_free_us = map(int, free_us)
        held, probe_ms, drained_ms = holds
        return Overview(
            int(now_ms),
            not_due,
            relay_backlog,
            dict(zip(ranks, due_calls, strict=True)),
            dict(zip(ranks, due_campaigns, strict=True)),
            account_free_us,
            paused_us,
            singles_free_us,
            held,
            int(probe_ms or 0),
            int(drained_ms or 0),
            workers,
            beats,
            dict(zip(live[::2], live[1::2], strict=True)),
            [CampaignFigures(task_id, *map(int, counts)) for task_id, *counts in campaigns],
        )

    return Script("overview", (most_campaigns, *ranks), read)
