"""What costs calls or money, or may: each with its cause and its remedy, as /health and `worker.admin check` tell."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from schemas.operation.part import Part, numbered
from schemas.operation.redis_state import NEARLY_FULL_SHARE, RedisState
from schemas.scripts.gauges import Condition

#: A host's clock may differ from Redis's by so much.
MOST_DIFFERENCE_MS: Final = 5000


class TroubleCode(StrEnum):
    """The words of `problems`."""

    REDIS_EVICTS = "redis_evicts"
    REDIS_NOT_DURABLE = "redis_not_durable"
    REDIS_NEARLY_FULL = "redis_nearly_full"
    REDIS_FILE_GROWS = "redis_file_grows"
    CLOCK_DIFFERS = "clock_differs"
    SETTINGS_DIFFER = "settings_differ"
    ACCOUNT_HELD = "account_held"
    DRAINED = "drained"
    NO_WORKER = "no_worker"
    NO_BEAT = "no_beat"
    TWILIO_NOT_CONFIGURED = "twilio_not_configured"


class Trouble(NamedTuple):
    """One of them."""

    code: TroubleCode
    detail: str  #: a sentence without its full stop, for clients, too: it names no host


def troubles(
    condition: Condition,
    state: RedisState | None,
    *,
    twilio_configured: bool,
    refused: str = "",
    broker_away: bool = False,
) -> list[Trouble]:
    """
    All there are, what loses calls first; of a Redis that tells nothing of itself (None) nothing is known.

    `refused` says why what is asked of it is refused, '' while nothing is; `broker_away`, that messages go over another
    Redis, which does not answer.
    """
    return [
        *(_of_redis(state) if state else ()),
        *(() if state and state.unsafe else of_refusal(refused)),
        *_of_clocks(condition.parts),
        *_of_settings(condition.parts),
        *_of_holds(condition),
        *_of_parts(condition, broker_away=broker_away),
        *(() if twilio_configured else (_NOT_CONFIGURED,)),
    ]


_WHERE: Final = "(`worker.admin check` tells where each runs)"
_NOT_CONFIGURED: Final = Trouble(
    TroubleCode.TWILIO_NOT_CONFIGURED,
    "Nothing can be dialled: set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_PHONE_NUMBER",
)


def of_refusal(told: str) -> list[Trouble]:
    """Why Redis does not do what is asked of it, if it does not."""
    return [Trouble(TroubleCode.REDIS_NOT_DURABLE, told)] if told else []


def _of_redis(state: RedisState) -> Iterator[Trouble]:
    if state.trouble:
        yield Trouble(TroubleCode.REDIS_EVICTS if state.evicts else TroubleCode.REDIS_NOT_DURABLE, state.trouble)
    if state.used_share >= NEARLY_FULL_SHARE:
        full = "no call is accepted until there is room" if state.full else "when it is full no call is accepted"
        yield Trouble(
            TroubleCode.REDIS_NEARLY_FULL,
            f"Redis uses {state.used_share:.0%} of the {state.most_bytes / 2**20:,.0f} MiB that it may, and {full}:"
            " raise maxmemory, or let CALL_RETENTION_DAYS be fewer",
        )
    if state.outgrown:
        yield Trouble(TroubleCode.REDIS_FILE_GROWS, state.outgrown)


def _of_clocks(parts: Sequence[Part]) -> Iterator[Trouble]:
    names = numbered(parts)
    by_host = {part.host: part for part in parts if abs(part.ahead_ms) > MOST_DIFFERENCE_MS}
    if by_host:
        told = ", ".join(
            f"that of {names[part.name]} is {abs(part.ahead_ms) / 1000:.0f} s"
            f" {'ahead' if part.ahead_ms > 0 else 'behind'}"
            for _, part in sorted(by_host.items())
        )
        sentence = f"Clocks differ from that of Redis's host: {told}; let NTP set all of them {_WHERE}"
        yield Trouble(TroubleCode.CLOCK_DIFFERS, sentence)


def _of_settings(parts: Sequence[Part]) -> Iterator[Trouble]:
    """One for each setting that is not the same in all parts that have it."""
    names = numbered(parts)
    values: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for part in parts:
        for name, value in part.settings.items():
            values[name][value].append(names[part.name])
    for name, having in sorted(values.items()):
        if len(having) > 1:
            told = ", another in ".join(" and ".join(sorted(group)) for group in sorted(having.values(), key=len))
            sentence = f"{name} has one value in {told}: set it alike and restart who has the wrong one {_WHERE}"
            yield Trouble(TroubleCode.SETTINGS_DIFFER, sentence)


def _of_holds(condition: Condition) -> Iterator[Trouble]:
    if condition.held:
        sentence = f"Nothing is dialled until a probe passes, for Twilio does not take the account: {condition.held}"
        yield Trouble(TroubleCode.ACCOUNT_HELD, sentence)
    if condition.copy_ms:
        sentence = (
            "Nothing is dialled, for these records are a copy that `worker.admin backup` made: run `worker.admin"
            " restore`, or `worker.admin accept-copy` if nothing was dialled since"
        )
        yield Trouble(TroubleCode.DRAINED, sentence)
    elif condition.drained:
        sentence = "Nothing is dialled, for the operator drained it: `worker.admin resume` lets calls go again"
        yield Trouble(TroubleCode.DRAINED, sentence)


def _of_parts(condition: Condition, *, broker_away: bool) -> Iterator[Trouble]:
    if not condition.workers and broker_away:
        sentence = "Accepted calls wait, for the Redis of CELERY_BROKER_URL does not answer, or refuses: start it"
        yield Trouble(TroubleCode.NO_WORKER, sentence)
    elif not condition.workers:
        sentence = "Accepted calls wait, for no worker takes messages from the queue: start one, or look into its log"
        yield Trouble(TroubleCode.NO_WORKER, sentence)
    if not condition.beats:
        sentence = "Delayed calls wait and nothing stuck is rescued, for no beat ticks: start one, or look into its log"
        yield Trouble(TroubleCode.NO_BEAT, sentence)
