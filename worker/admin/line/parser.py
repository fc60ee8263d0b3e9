"""`python -m worker.admin`: shows what waits and why, finds calls, steers, checks, backs up and restores."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Final

from runtime import redis_url
from worker.admin.line.arguments import instant, seconds, whole
from worker.admin.steering.commands import add_commands

_HOUR: Final = 3600
_WHERE: Final = (
    "Asks the Redis of REDIS_URL or CELERY_BROKER_URL; if neither is set, that of `make run`, if it runs here, else "
    f"{redis_url.DEFAULT}."
)


def parser() -> argparse.ArgumentParser:
    """Of `python -m worker.admin`."""
    program = argparse.ArgumentParser(prog="python -m worker.admin", description=__doc__, epilog=_WHERE)
    commands = program.add_subparsers(dest="command", required=True, metavar="command")

    def add(name: str, told: str, *, answers_json: bool = True) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=told, description=told)
        if answers_json:
            command.add_argument("--json", action="store_true", help="JSON for machines instead of text for people")
        return command

    add("queue", "what waits, what is live, what holds it, and who is alive")
    watch = add("watch", "what `queue` tells and the last hour, drawn anew until Ctrl-C", answers_json=False)
    watch.add_argument("--every", type=seconds(_HOUR), default=1.0, metavar="SECONDS", help="between two looks (1)")
    watch.add_argument("--times", type=whole(0, 10**9), default=0, metavar="N", help="look so often (0: for ever)")
    add("explain", "why a call or a campaign does not go at once").add_argument("task_id")
    find = add("find", "calls to a number; looks through every record, one after another (O(n))")
    find.add_argument("number", help="E.164, e.g. +12025550100")
    forget = add("forget-number", "remove every trace of a number: from all records, and what waits is cancelled")
    forget.add_argument("number", help="E.164, e.g. +12025550100")
    add("drain", "let no call go until `resume`; calls are still accepted, and live ones followed")
    resume = add("resume", "let calls go again after `drain`, or those of one task that is paused")
    resume.add_argument(
        "task_id",
        nargs="?",
        help="of a task that somebody paused, or a campaign that paused because Twilio refused its caller id",
    )
    add_commands(add)
    export = add(
        "export",
        "every record, and every number that waits, as a stream; one that changes meanwhile may come twice. In CSV a"
        " cell that a spreadsheet would take for a formula, which every E.164 number is, gets an apostrophe in front:"
        " '+12025550100",
        answers_json=False,
    )
    kind = export.add_mutually_exclusive_group()
    kind.add_argument("--jsonl", action="store_true", help="one JSON object a line (the default)")
    kind.add_argument("--csv", action="store_true", help="comma-separated values with a header")
    _add_of_operation(add)
    return program


def _add_of_operation(add: Callable[..., argparse.ArgumentParser]) -> None:
    """Commands that look after the whole, not after calls."""
    add(
        "check",
        "try all that was set: Redis, the tokens, the way from outside, clocks, settings, room; a line for each",
    )
    add("version", "which version this is, and of which its records are; asks no Redis")
    add("take-account", "say that the calls in this Redis are of TWILIO_ACCOUNT_SID from now on")
    password = add("redis-password", "change Redis's password, in two steps between which the old and the new one open")
    step = password.add_mutually_exclusive_group(required=True)
    step.add_argument("--add", type=Path, metavar="FILE", help="first: what stands there opens besides the old one")
    step.add_argument("--only", type=Path, metavar="FILE", help="then, all parts having it: nothing else opens")
    told = "write a copy of all records, at one instant and under load; each part that finds it stays drained"
    add("backup", told, answers_json=False).add_argument("file", type=Path)
    told = "bring a copy to life: what may have been dialled since is looked up at Twilio, and never dialled by itself"
    restore = add("restore", told)
    restore.add_argument("file", type=Path)
    restore.add_argument("--into", type=Path, metavar="FOLDER", help="first: put it into the empty folder of a Redis")
    restore.add_argument(
        "--old-system-stopped", action="store_true", help="then: your word that nothing else dials over this account"
    )
    accept = add("accept-copy", "take the mark of a copy off, without looking anything up; it stays drained")
    for command in (restore, accept):
        merged = command.add_mutually_exclusive_group()
        merged.add_argument("--opt-outs", type=Path, metavar="FILE", help="what `opt-outs` wrote of the old system")
        merged.add_argument(
            "--accept-lost-opt-outs", action="store_true", help="your word that none came after the copy, or is known"
        )
    told = "what happened to do-not-call lists, as JSON lines: proof, and what a restore merges; write it down often"
    where = "what it is written to, whole or not at all; without: to standard output"
    add("opt-outs", told, answers_json=False).add_argument("file", nargs="?", type=Path, help=where)
    requeue = add("requeue", "let calls wait again that a restore left unknown, since Twilio had none of them")
    which = requeue.add_mutually_exclusive_group(required=True)
    which.add_argument("task_id", nargs="?")
    which.add_argument("--all", action="store_true", help="of every task")
    requeue.add_argument("--yes", action="store_true", help="do it, and do not only say how many")
    reconcile = add("reconcile", "hold records against Twilio's list, and show what differs")
    reconcile.add_argument(
        "--since", type=instant, required=True, help="of calls created since, e.g. 2026-11-26T09:00Z"
    )
