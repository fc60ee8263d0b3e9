"""retry.lua: what came to certain outcomes is tried again."""

from typing import Any, Final, Literal, NamedTuple

from schemas.campaigns.filling import NO_BOUNDS, Bounds, Repetition
from schemas.campaigns.marks import Mark
from schemas.lua.script import Script
from schemas.states import CallOutcome

#: What may be tried again by hand; not what nobody knows the outcome of, or what somebody does not want.
RETRIED: Final = (
    CallOutcome.MACHINE,
    CallOutcome.BUSY,
    CallOutcome.NO_ANSWER,
    CallOutcome.FAILED,
    CallOutcome.EXPIRED,
)


#: Marks of numbers that are dialled without anybody's asking, and of those that are, or may be tried again by hand.
WAITS: Final = frozenset({Mark.WAITING, Mark.AGAIN, Mark.DISPATCHED, Mark.LIVE})
MAY_GO: Final = WAITS | {Mark[outcome.name] for outcome in RETRIED}


class Retry(NamedTuple):
    """What is tried again, and from when on."""

    marks: str
    due_ms: int | None = None  #: milliseconds since 1970; None: now plus `delay_ms`
    delay_ms: int = 0
    by: str = ""  #: name of the key by which it was said


class Retrying(NamedTuple):
    """What came of a retry, as far as it is."""

    verdict: Literal[
        "done",
        "replayed",
        "mismatch",
        "late",
        "busy",
        "past",
        "gone",
        "part",
        "over",
        "expired",
        "behind",
        "full",
        "crowded",
    ]
    tried: int  #: how many wait again
    more: bool  #: a further run goes on with it
    day_ends_ms: int  #: if the day is full


def marks_to_retry(outcomes: list[str]) -> str:
    """Marks of these outcomes."""
    return "".join(Mark[outcome.upper()] for outcome in dict.fromkeys(outcomes))


def retry(
    task_id: str, what: Retry, repetition: Repetition, retention_days: int, bounds: Bounds = NO_BOUNDS
) -> Script[Retrying]:
    """Some hundred rows at most; run it again while there is more."""
    words = (
        task_id,
        bounds.run_until_us,
        repetition.digest,
        repetition.fingerprint,
        repetition.seconds * 1000,
        bounds.most_a_day,
        what.marks,
        "" if what.due_ms is None else what.due_ms,
        what.delay_ms,
        retention_days * 86_400_000,
        what.by,
        bounds.most_waiting,
    )
    return Script("retry", words, _retrying)


def _retrying(answer: Any) -> Retrying:
    verdict, count, more, day_ends_ms = answer
    return Retrying(verdict, int(count), more == "1", int(day_ends_ms or 0))
