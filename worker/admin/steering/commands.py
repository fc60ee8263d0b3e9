"""Commands that steer one task, as its client does over HTTP."""

import argparse
import hashlib
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final
from uuid import uuid4

from runtime.standing.reporter import redis_state
from schemas import keys
from schemas.bodies.campaigns.retrying import MOST_DELAY_SECONDS
from schemas.campaigns.editing import edit
from schemas.campaigns.filling import KEY_SECONDS, Bounds, Repetition, append
from schemas.campaigns.retrying import RETRIED, Retry, marks_to_retry, retry
from schemas.campaigns.rows import Row
from schemas.campaigns.wording import Wording
from schemas.scripts.cancel import cancel, pause
from schemas.states import CallState
from worker.admin.audit import note
from worker.admin.line.arguments import whole
from worker.admin.steering.editing import CAMPAIGNS_OWN, add_edit, changed_fields, edits_of
from worker.admin.steering.file import rows_of
from worker.admin.steering.filling import Terms
from worker.admin.steering.numbers import check_numbers, opened
from worker.admin.store import Store
from worker.admin.table import as_json

Add = Callable[..., argparse.ArgumentParser]

#: Rows that one script takes.
_AT_ONCE: Final = 1000
#: Requests that may just be leaving are waited for so long, until Twilio answered.
_LEAVING_SECONDS: Final = 2.5
_REFUSALS: Final = {
    "gone": "Task {task_id} not found.",
    "part": "{task_id} is a call of a campaign: steer that, or cancel the call by itself.",
    "single": "{task_id} is no campaign.",
    "over": "Task {task_id} is over; nothing of it can be changed any more.",
    "expired": "The time of task {task_id} is over: what expired would expire at once.",
    "behind": "Task {task_id} ends before that: what is tried again would expire first.",
    "forgetting": "A number of these is being forgotten at the moment: add it once it is forgotten.",
    "large": "Task {task_id} would have too many numbers.",
    "full": "MAX_CALLS_PER_DAY: this UTC day has no room for so many numbers.",
    "crowded": "MAX_WAITING_PER_KEY: too many numbers of the task's name would wait.",
    "begun": "Task {task_id} has begun: it cannot begin at another time.",
    "past": "A task cannot begin in the past.",
    "stale": "Task {task_id} was edited meanwhile: give the command again.",
}


def add_commands(add: Add) -> None:
    """What the parser takes."""
    add("pause", "let nothing of a task go until `resume TASK`").add_argument("task_id")
    add("cancel", "let nothing more of a task go, and hang up its live calls").add_argument("task_id")
    again = add("retry", "try numbers of a task again that came to certain outcomes")
    again.add_argument("task_id")
    again.add_argument("outcomes", nargs="+", choices=[str(outcome) for outcome in RETRIED])
    again.add_argument(
        "--delay-seconds",
        type=whole(0, MOST_DELAY_SECONDS),
        default=0,
        metavar=f"0..{MOST_DELAY_SECONDS}",
        help="from when on they may go; default: now",
    )
    more = add("recipients", "add the numbers of a file to a campaign")
    more.add_argument("task_id")
    more.add_argument(
        "file", type=Path, help="CSV with a column to_number or number, and external_id if there are such"
    )
    add_edit(add)


def _pause(store: Store, options: argparse.Namespace) -> str:
    pausing = store.change(pause(options.task_id, by=_who()))
    note("pause", pausing.verdict, task_id=options.task_id)
    _check(pausing.verdict, options.task_id)
    _wait_until_left(store, pausing.leaving)
    return _told(options, "Nothing of it goes until `resume`.", changed=pausing.verdict == "done")


def _cancel(store: Store, options: argparse.Namespace) -> str:
    cancellation = store.change(cancel(options.task_id, store.settings.retention_days, _who()))
    note("cancel", cancellation.done, task_id=options.task_id)
    if not cancellation.done:
        sys.exit(f"Task {options.task_id} not found or could not be cancelled.")
    _wait_until_left(store, cancellation.leaving)
    return _told(options, "It is cancelled.", left=cancellation.left)


def _retry(store: Store, options: argparse.Namespace) -> str:
    what = Retry(marks_to_retry(options.outcomes), delay_ms=options.delay_seconds * 1000, by=_who())
    repetition = Repetition(str(uuid4()), "")
    script = retry(options.task_id, what, repetition, store.settings.retention_days, _bounds(store))
    retrying = store.change(script)
    while retrying.verdict == "busy" or retrying.more:
        retrying = store.change(script)
    note("retry", f"{retrying.verdict} {retrying.tried}", task_id=options.task_id)
    _check("done" if retrying.verdict == "replayed" else retrying.verdict, options.task_id)
    return _told(options, f"{retrying.tried} numbers are tried again.", count=retrying.tried)


def _recipients(store: Store, options: argparse.Namespace) -> str:
    if (state := redis_state(store.redis)) and state.full:
        sys.exit("Redis has no room for further calls: what it has left is for those that were accepted.")
    its = store.redis.hmget(keys.task(options.task_id), Wording.FIELDS)
    wanted = Wording.read([one if one is None else str(one) for one in its]).wanted
    if wanted:
        sys.exit(f"The message names {', '.join(sorted(wanted))}, which a file cannot give: add them over HTTP.")
    terms, added, before, skipped = Terms.of(store, options.task_id), 0, 0, 0
    rows = rows_of(options.file, terms.fault)
    for first in range(0, len(rows), _AT_ONCE):
        some = rows[first : first + _AT_ONCE]
        listed = terms.listed(store, some)
        callable_ones = [row for row in some if row.number not in listed]
        skipped += len(some) - len(callable_ones)
        if callable_ones:
            once = _once(options.task_id, first, some)
            script = append(options.task_id, callable_ones, once, _bounds(store), by=_who())
            verdict = store.change(script).verdict
            note("recipients", verdict, task_id=options.task_id)
            _check(
                verdict, options.task_id, f" {added} of the numbers were added, the others were not." if added else ""
            )
            added += len(callable_ones) if verdict == "done" else 0
            before += len(callable_ones) if verdict == "replayed" else 0
    told = f"{added} numbers were added."
    told += f" {before} of this file had been, within a day." if before else ""
    told += f" {skipped} are on a do-not-call list, and were left out." if skipped else ""
    return _told(options, told, added=added, added_before=before, skipped=skipped)


def _once(task_id: str, first: int, rows: Sequence[Row]) -> Repetition:
    """Whoever did not hear whether a file was added gives the command again: none of it is to be called twice."""
    words = ("recipients", task_id, str(first), *(row.pack() for row in rows))
    return Repetition(hashlib.sha256("\n".join(words).encode()).hexdigest(), "", KEY_SECONDS)


def _edit(store: Store, options: argparse.Namespace) -> str:
    edits = edits_of(options)
    record = {str(name): str(value) for name, value in store.redis.hgetall(keys.task(options.task_id)).items()}
    if record.get("kind") != "bulk" and CAMPAIGNS_OWN.intersection(edits):
        _check("gone" if not record else "single", options.task_id)
    fields = changed_fields(edits, record, store.settings)
    check_numbers(store, options.task_id, edits, record)
    fields |= opened(edits, record, store.settings.policy)
    editing = store.change(edit(options.task_id, fields, str(uuid4()), int(record.get("edits", 0)), _who()))
    note("edit", editing.verdict, task_id=options.task_id)
    _check(editing.verdict, options.task_id)
    return _told(options, "It has the new values.", edits=editing.edits)


def _bounds(store: Store) -> Bounds:
    return Bounds(most_a_day=store.limits.most_calls_per_day, most_waiting=store.settings.most_waiting_per_key)


def _check(verdict: str, task_id: str, more: str = "") -> None:
    """Ends the process with a sentence if the task, or a bound of the operator's, is not as the command needs it."""
    if verdict in _REFUSALS:
        sys.exit(_REFUSALS[verdict].format(task_id=task_id) + more)


def _wait_until_left(store: Store, call_ids: tuple[str, ...]) -> None:
    deadline = time.monotonic() + _LEAVING_SECONDS
    for call_id in call_ids:
        while store.redis.hget(keys.task(call_id), "state") == CallState.DIALLING and time.monotonic() < deadline:
            time.sleep(0.02)


def _who() -> str:
    return f"uid {os.getuid()}"


def _told(options: argparse.Namespace, sentence: str, **fields: object) -> str:
    return as_json({"task_id": options.task_id, **fields}) if options.json else f"{sentence}\n"


STEERING: Final[Mapping[str, Callable[[Store, argparse.Namespace], str]]] = {
    "pause": _pause,
    "cancel": _cancel,
    "retry": _retry,
    "recipients": _recipients,
    "edit": _edit,
}
