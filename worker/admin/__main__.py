"""`python -m worker.admin`: shows what waits and why, finds calls, stops and resumes admission, exports records."""

import signal

if __name__ == "__main__":
    heard = signal.signal(signal.SIGINT, signal.SIG_DFL)  # While the rest is loaded, Ctrl-C has nothing to stop.

import argparse
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import Final

import structlog

from runtime import running
from runtime.connections import connect
from runtime.masking import mask_number
from schemas.e164 import E164_SENTENCE, number_of
from worker.admin.audit import note
from worker.admin.export import write_csv, write_json_lines
from worker.admin.line.ending import one_sentence
from worker.admin.line.parser import parser
from worker.admin.operation import OPERATION
from worker.admin.overview import overview
from worker.admin.steering.commands import STEERING
from worker.admin.store import Store, UnconfirmedError
from worker.admin.table import as_json, show_overview, table
from worker.admin.watching import watch
from worker.application import read_settings

#: Commands whose answer is a file of data, whatever letters a terminal knows.
_FILES: Final = frozenset({"export", "opt-outs"})
_FOUND_COLUMNS: Final = ("id", "kind", "state", "campaign_id", "created_at", "call_sid", "call_status")
_SWITCHED: Final = {
    True: "No call goes any more; new ones are accepted and wait, live ones are followed. `resume` lets them go.\n",
    False: "Calls go again.\n",
}
_RESUMED: Final = {
    "done": "It goes on.\n",
    "already": "Nothing changed: it is not paused.\n",
    "over": "Nothing changed: it has ended.\n",
}
_AS_BEFORE: Final = {True: "Nothing changed: it is drained already.\n", False: "Nothing changed: it is not drained.\n"}


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs one command; ends the process with one sentence and exit code 1 if it cannot."""
    options = parser().parse_args(arguments)
    settings = read_settings(running.beside(os.environ))
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8" if options.command in _FILES else None, errors="backslashreplace")
    with one_sentence(settings.redis_url), connect(settings.redis_url, settings.sentinel) as redis:
        try:
            sys.stdout.write(_COMMANDS[options.command](Store(redis, settings), options))
        except UnconfirmedError:
            about = {name: str(value) for name in ("task_id", "number") if (value := getattr(options, name, None))}
            note(options.command, "unknown", **about)
            raise


def _queue(store: Store, options: argparse.Namespace) -> str:
    found = overview(store)
    return as_json(found) if options.json else f"{show_overview(found)}\n"


def _explain(store: Store, options: argparse.Namespace) -> str:
    told = store.explain(options.task_id)
    if told is None:
        sys.exit(f"Task {options.task_id} not found.")
    state, reason = told
    body = {"task_id": options.task_id, "state": state, "reason": reason}
    return as_json(body) if options.json else f"{state}{' ' if reason.startswith('for ') else ': '}{reason}\n"


def _number(options: argparse.Namespace) -> str:
    return number_of(options.number) or sys.exit(f"{E164_SENTENCE}.")


def _find(store: Store, options: argparse.Namespace) -> str:
    number = _number(options)
    found = list(store.calls_to(number))
    if options.json:
        return as_json(found)
    if not found:
        return f"No call to {number} is on record.\n"
    return table(_FOUND_COLUMNS, [[call[name] for name in _FOUND_COLUMNS] for call in found]) + "\n"


def _forget_number(store: Store, options: argparse.Namespace) -> str:
    number = _number(options)
    job = store.forget_number(number)
    note("forget-number", job is not None, number=mask_number(number))
    if job is None:
        sys.exit("A call to this number is live, or may be: cancel it first, or wait until it has ended.")
    blanked = int(job.get("blanked", 0))
    return (
        as_json({"blanked": blanked}) if options.json else f"Calls and waiting numbers that were blanked: {blanked}.\n"
    )


def _resume(store: Store, options: argparse.Namespace) -> str:
    if options.task_id is None:
        return _switch(store, options)
    outcome = store.resume_campaign(options.task_id).verdict
    note("resume", outcome, task_id=options.task_id)
    if outcome in {"gone", "part"}:
        sys.exit(f"Task {options.task_id} not found.")
    if options.json:
        return as_json({"task_id": options.task_id, "changed": outcome == "done"})
    return _RESUMED[outcome]


def _switch(store: Store, options: argparse.Namespace) -> str:
    drain = options.command == "drain"
    changed = store.drain() if drain else store.resume()
    note(options.command, changed)
    if options.json:
        return as_json({"drained": drain, "changed": changed})
    return _SWITCHED[drain] if changed else _AS_BEFORE[drain]


def _export(store: Store, options: argparse.Namespace) -> str:
    (write_csv if options.csv else write_json_lines)(store.rows(), sys.stdout)
    return ""


_COMMANDS: Final = {
    "queue": _queue,
    "watch": watch,
    "explain": _explain,
    "find": _find,
    "forget-number": _forget_number,
    "drain": _switch,
    "resume": _resume,
    "export": _export,
    **STEERING,
    **OPERATION,
}


if __name__ == "__main__":
    signal.signal(signal.SIGINT, heard)
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    main()
