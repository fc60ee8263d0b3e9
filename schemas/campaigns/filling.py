"""append and take_back_rows.lua: further rows of a campaign."""

from collections.abc import Sequence
from secrets import token_hex
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from schemas.campaigns.rows import Row, have_ends
from schemas.lua.script import Script, Word

#: An Idempotency-Key is known for a day; what tells one request from another, while it may be sent twice.
KEY_SECONDS: Final = 86_400
REQUEST_SECONDS: Final = 600

Refusal: TypeAlias = Literal[
    "replayed",
    "mismatch",
    "late",
    "gone",
    "single",
    "over",
    "forgetting",
    "large",
    "crowded",
    "full",
    "nothing",
    "past",
]


class Repetition(NamedTuple):
    """By what a repetition of a request is known."""

    digest: str
    fingerprint: str
    seconds: int = REQUEST_SECONDS


class Bounds(NamedTuple):
    """What bounds a request that brings calls; 0: nothing."""

    run_until_us: int = 0  #: of Redis's clock: a run that comes later changes nothing
    most_a_day: int = 0
    most_waiting: int = 0  #: numbers of one client


NO_BOUNDS: Final = Bounds()


class Appending(NamedTuple):
    """What came of further rows."""

    verdict: Literal["done"] | Refusal
    day_ends_ms: int  #: if the day is full
    skipped: str = ""  #: what the first request told of rows that it left out


def append(
    campaign_id: str,
    rows: Sequence[Row],
    repetition: Repetition,
    bounds: Bounds = NO_BOUNDS,
    skipped: str = "",
    by: str = "",
) -> Script[Appending]:
    """
    Rows come behind those that there are, a thousand at most. `skipped` is kept for a repetition's answer, `by`, the
    name of a key, for the log of the task.
    """
    words: tuple[Word, ...] = (
        campaign_id,
        bounds.run_until_us,
        repetition.digest,
        repetition.fingerprint,
        repetition.seconds * 1000,
        bounds.most_a_day,
        bounds.most_waiting,
        skipped,
        by,
        "1" if have_ends(rows) else "",
        token_hex(16),
        *(row.pack() for row in rows),
    )
    return Script("append", words, _appending)


def _appending(answer: Any) -> Appending:
    verdict, day_ends_ms, skipped = answer
    return Appending(verdict, int(day_ends_ms or 0), skipped)


def take_back_rows(campaign_id: str, digest: str, retention_days: int) -> Script[bool]:
    """Whether none of the rows that this request brought goes; False if some began, or a client has heard of them."""
    words = (campaign_id, digest, retention_days * 86_400_000)
    return Script("take_back_rows", words, lambda answer: bool(answer == "1"))
