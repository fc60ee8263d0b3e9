"""Commands that look after the whole: checks, copies, what differs from Twilio's list, whose calls these are."""

import argparse
import sys
from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Final

from schemas import keys
from schemas.operation.copy import accept_copy
from schemas.operation.part import take_account
from schemas.records import LAYOUT, VERSION
from worker.admin.audit import note
from worker.admin.check import check
from worker.admin.copies import backup, opt_outs, reconciling, restoring
from worker.admin.redis_password import add_password, leave_only
from worker.admin.store import Store
from worker.admin.table import as_json, table
from worker.twilio.telephone import Telephone

_NO_COPY: Final = "The records in this Redis are no copy. Put {file} into the empty folder of a Redis first (--into)."
_STOP_FIRST: Final = (
    "{count} calls may have been dialled since the copy was taken; they are in doubt now, and nothing goes.\n"
    "See to it that nothing of the old system runs, then say so: restore {file} --old-system-stopped\n"
)
_OPT_OUTS_LOST: Final = (
    "Numbers that came onto a do-not-call list after the copy was taken are not in it, and would be called again.\n"
    "Give what `worker.admin opt-outs` wrote of the old system since: --opt-outs FILE.\n"
    "If there is nothing: --accept-lost-opt-outs."
)
_RESTORED: Final = (
    "Twilio has {found} of the calls in doubt; {unknown} it has not: they are unknown, and `requeue TASK` lets them"
    " wait again.\n{apart}Gone are all cancels, pauses and edits since the copy, and what was accepted since.\n"
    "It is drained: `resume` lets calls go.\n"
)


def _check(store: Store, options: argparse.Namespace) -> str:
    lines = check(store)
    answer = as_json([line._asdict() for line in lines]) if options.json else "".join(f"{line}\n" for line in lines)
    if all(line.well is not False for line in lines):
        return answer
    sys.stdout.write(answer)
    sys.stdout.flush()
    sys.exit(1)


def _version(_: Store, options: argparse.Namespace) -> str:
    found = {"version": version("celery-twilio-api"), "records": f"{VERSION}.{LAYOUT}"}
    return as_json(found) if options.json else "{version} records {records}\n".format(**found)


def _take_account(store: Store, options: argparse.Namespace) -> str:
    account_sid = store.settings.account_sid
    if not account_sid:
        sys.exit("TWILIO_ACCOUNT_SID is not set.")
    joining = store.change(take_account(account_sid))
    note("take-account", joining.joined)
    if not joining.joined:
        sys.exit(
            f"Calls are live that only {joining.account_sid} can follow: nothing changed. Drain, and wait for them."
        )
    return (
        as_json(joining._asdict()) if options.json else f"The calls in this Redis are of {account_sid} from now on.\n"
    )


def _redis_password(store: Store, options: argparse.Namespace) -> str:
    password = (options.add or options.only).read_text("utf-8", "replace").strip()
    left = ""
    if options.add:
        add_password(store.redis, password)
    else:
        left = leave_only(store.redis, password)
    note("redis-password", "added" if options.add else "alone")
    if options.json:
        return as_json({"added": bool(options.add), "left_to_do": left or None})
    if options.add:
        return (
            "It opens besides the old one. Set it in the URL, restart all parts, then give this command with --only.\n"
        )
    return f"Nothing else opens from now on. {left or 'It is so after a restart of Redis too.'}\n"


def _backup(store: Store, options: argparse.Namespace) -> str:
    size = backup.write_backup(store.redis, options.file)
    return f"{options.file}: {size / 2**20:,.1f} MiB\n"


def _restore(store: Store, options: argparse.Namespace) -> str:
    if options.into is not None:
        return (
            f"{backup.put_copy(options.file, options.into)} is there. Start Redis on it, then restore without --into.\n"
        )
    if store.redis.hget(keys.COPY, "id") != backup.copy_id(options.file):
        sys.exit(_NO_COPY.format(file=options.file))
    count = restoring.doubt_all(store)
    note("restore", f"{count} in doubt")
    if not options.old_system_stopped:
        return as_json({"in_doubt": count}) if options.json else _STOP_FIRST.format(count=count, file=options.file)
    _merge_opt_outs(store, options)
    found, unknown, apart = restoring.decide(store, Telephone(store.settings))
    note("restore", f"{found} found, {unknown} unknown")
    if options.json:
        sids = {f"{to} from {number}": sids for (to, number), sids in apart.items()}
        return as_json({"found": found, "unknown": unknown, "apart": sids})
    told = "".join(
        f"Which of the calls {', '.join(sids)} to {to} from {number} are whose cannot be told: they stay unknown.\n"
        for (to, number), sids in apart.items()
    )
    return _RESTORED.format(found=found, unknown=unknown, apart=told)


def _merge_opt_outs(store: Store, options: argparse.Namespace) -> None:
    """A copy does not begin to dial before it is said what became of the opt-outs that it does not know."""
    if options.opt_outs is not None:
        count = opt_outs.merge_proof(store, options.opt_outs)
        sys.stderr.write(f"Changes of do-not-call lists that the copy did not know: {count}.\n")
    elif not options.accept_lost_opt_outs:
        sys.exit(_OPT_OUTS_LOST)


def _accept_copy(store: Store, options: argparse.Namespace) -> str:
    if store.redis.exists(keys.COPY):
        _merge_opt_outs(store, options)
    changed = store.change(accept_copy())
    note("accept-copy", changed)
    if options.json:
        return as_json({"changed": changed})
    return (
        "It is no copy any more, but drained: `resume` lets calls go.\n"
        if changed
        else "Nothing changed: it is none.\n"
    )


def _requeue(store: Store, options: argparse.Namespace) -> str:
    put_back = restoring.put_all_back if options.all else restoring.put_back
    count = put_back(store, options.task_id, ask_only=not options.yes)
    if options.yes:
        note("requeue", count, task_id=options.task_id or "all")
    if options.json:
        return as_json({"task_id": options.task_id, "calls": count, "changed": options.yes and count > 0})
    return f"{count} calls wait again.\n" if options.yes else f"{count} calls would wait again: say --yes.\n"


def _reconcile(store: Store, options: argparse.Namespace) -> str:
    found = reconciling.differences(store, Telephone(store.settings), options.since)
    if options.json:
        return as_json([one._asdict() for one in found])
    return f"{table(reconciling.COLUMNS, found)}\n" if found else "Records and Twilio's list are the same.\n"


def _opt_outs(store: Store, options: argparse.Namespace) -> str:
    if options.file is None:
        opt_outs.write_proof(store, sys.stdout)
    else:
        opt_outs.write_file(store, options.file)
    return ""


OPERATION: Final[Mapping[str, Callable[[Store, argparse.Namespace], str]]] = {
    "check": _check,
    "version": _version,
    "take-account": _take_account,
    "redis-password": _redis_password,
    "backup": _backup,
    "restore": _restore,
    "accept-copy": _accept_copy,
    "opt-outs": _opt_outs,
    "requeue": _requeue,
    "reconcile": _reconcile,
}
