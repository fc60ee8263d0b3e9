"""accept.lua and take_back.lua: the only way into the queue, and back out before a client has heard of it."""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from schemas.campaigns.rows import Row, have_ends
from schemas.lua.script import Script, flat


class NewTask(NamedTuple):
    """A task as it is accepted."""

    id: str
    fields: dict[str, str]
    rows: Sequence[Row] = ()  #: of a campaign
    due_ms: int | None = None  #: milliseconds since 1970; None: now plus `delay_ms`
    delay_ms: int = 0
    pace_interval_us: int = 0  #: of the single pace, for the estimate; 0 for a campaign
    key_digest: str = ""
    fingerprint: str = ""
    dry: bool = False  #: what would become of it is told, and nothing is written


class Acceptance(NamedTuple):
    """What became of a NewTask."""

    verdict: Literal["accepted", "replayed", "mismatch", "late", "past", "full", "crowded", "barred"]
    task_id: str
    created_ms: int
    #: Earliest instant at which it may be placed, as far as is known; if `full`, when the next day begins.
    start_ms: int
    wake: bool  #: calls.dispatch is to be sent
    skipped: str = ""  #: of a replayed one, as the first was recorded with it


def accept(task: NewTask, run_until_us: int = 0, most_a_day: int = 0, most_waiting: int = 0) -> Script[Acceptance]:
    """Makes a task durable. Run later than `run_until_us` of Redis's clock it changes nothing; 0: at any time."""
    fields = flat(task.fields)
    due = "" if task.due_ms is None else task.due_ms
    words = (
        task.id,
        run_until_us,
        task.key_digest,
        task.fingerprint,
        due,
        task.delay_ms,
        task.pace_interval_us,
        most_a_day,
        most_waiting,
        "1" if task.dry else "",
        "1" if task.rows and have_ends(task.rows) else "",
        len(fields),
        *fields,
        *map(Row.pack, task.rows),
    )
    return Script("accept", words, _acceptance)


def _acceptance(answer: Any) -> Acceptance:
    verdict, task_id, created_ms, start_ms, wake, *skipped = answer
    return Acceptance(verdict, task_id, int(created_ms), int(start_ms), wake == "1", *skipped)


def take_back(task_id: str) -> Script[bool]:
    """Whether nothing of the task is left; False if a call of it is already on its way to Twilio."""
    return Script("take_back", (task_id,), lambda answer: bool(answer == "1"))
