"""`python -m worker.admin`: shows what waits and why, finds calls, stops and resumes admission, exports records."""

import argparse
import json
import signal
import sys
from collections.abc import Sequence
from typing import Final

from redis.exceptions import RedisError

from schemas.errors import RecordError
from schemas.fields import E164, E164_SENTENCE
from worker.admin.desk import Desk
from worker.admin.export import write_csv, write_json_lines
from worker.admin.overview import overview
from worker.admin.table import show_overview, table
from worker.application import read_settings
from worker.connection import connect

_FOUND_COLUMNS: Final = ("id", "kind", "state", "campaign_id", "created_at", "call_sid", "call_status")
_SWITCHED: Final = {
    True: "No call goes any more; new ones are accepted and wait, live ones are followed. `resume` lets them go.\n",
    False: "Calls go again.\n",
}
_AS_BEFORE: Final = {True: "Nothing changed: it is drained already.\n", False: "Nothing changed: it is not drained.\n"}


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs one command; ends the process with one sentence and exit code 1 if it cannot."""
    options = _parser().parse_args(arguments)
    settings = read_settings()
    try:
        with connect(settings.redis_url, settings.sentinel) as redis:
            answer = _COMMANDS[options.command](Desk(redis, settings.limits), options)
    except RedisError as error:
        sys.exit(f"Redis (REDIS_URL) does not answer: {type(error).__name__}.")
    except RecordError as error:
        sys.exit(f"{error}.")
    sys.stdout.write(answer)


def _queue(desk: Desk, options: argparse.Namespace) -> str:
    found = overview(desk)
    return _json(found) if options.json else f"{show_overview(found)}\n"


def _explain(desk: Desk, options: argparse.Namespace) -> str:
    told = desk.explain(options.task_id)
    if told is None:
        sys.exit(f"Task {options.task_id} not found.")
    state, reason = told
    body = {"task_id": options.task_id, "state": state, "reason": reason}
    return _json(body) if options.json else f"{state}: {reason}\n"


def _find(desk: Desk, options: argparse.Namespace) -> str:
    if not E164.fullmatch(options.number):
        sys.exit(f"{E164_SENTENCE}.")
    found = list(desk.calls_to(options.number))
    if options.json:
        return _json(found)
    if not found:
        return f"No call to {options.number} is on record.\n"
    return table(_FOUND_COLUMNS, [[call[name] for name in _FOUND_COLUMNS] for call in found]) + "\n"


def _switch(desk: Desk, options: argparse.Namespace) -> str:
    drain = options.command == "drain"
    changed = desk.drain() if drain else desk.resume()
    if options.json:
        return _json({"drained": drain, "changed": changed})
    return _SWITCHED[drain] if changed else _AS_BEFORE[drain]


def _export(desk: Desk, options: argparse.Namespace) -> str:
    (write_csv if options.csv else write_json_lines)(desk.rows(), sys.stdout)
    return ""


def _json(body: object) -> str:
    return json.dumps(body, indent=2) + "\n"


_COMMANDS: Final = {
    "queue": _queue,
    "explain": _explain,
    "find": _find,
    "drain": _switch,
    "resume": _switch,
    "export": _export,
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m worker.admin", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")

    def add(name: str, told: str, *, answers_json: bool = True) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=told, description=told)
        if answers_json:
            command.add_argument("--json", action="store_true", help="JSON for machines instead of text for people")
        return command

    add("queue", "what waits, what is live, what holds it, and who is alive")
    add("explain", "why a call or a campaign does not go at once").add_argument("task_id")
    find = add("find", "calls to a number; looks through every record, one after another (O(n))")
    find.add_argument("number", help="E.164, e.g. +12025550100")
    add("drain", "let no call go until `resume`; calls are still accepted, and live ones followed")
    add("resume", "let calls go again after `drain`")
    export = add(
        "export",
        "every record, as a stream; one that changes meanwhile may come twice. In CSV a cell that a spreadsheet would"
        " take for a formula, which every E.164 number is, gets an apostrophe in front: '+12025550100",
        answers_json=False,
    )
    kind = export.add_mutually_exclusive_group()
    kind.add_argument("--jsonl", action="store_true", help="one JSON object a line (the default)")
    kind.add_argument("--csv", action="store_true", help="comma-separated values with a header")
    return parser


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `export | head` ends quietly
    main()
