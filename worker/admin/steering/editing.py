"""`worker.admin edit`: a task gets other values, as by PATCH /tasks/{task_id}."""

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from typing import Any, Final

from marshmallow import ValidationError

from schemas.bodies.campaigns.editing import EditTask
from schemas.bodies.metadata import pack_metadata
from schemas.limits import campaign_interval_us
from schemas.options.recorded import LEAST_CALL_SECONDS, MOST_CALL_SECONDS
from schemas.options.retry import retry_fields
from schemas.options.stopping import packed_stop
from schemas.records import PRIORITIES, RANKS

#: What only a campaign's record holds.
CAMPAIGNS_OWN: Final = frozenset({"name", "external_id", "delay_between_calls", "max_concurrent_calls", "stop_if"})
_RETRY: Final = ("retry_most", "retry_marks", "retry_seconds")
#: Options of the command that are JSON, as the API takes it.
_AS_JSON: Final[Mapping[str, str]] = {
    "retry": 'further attempts that follow by themselves, e.g. {"max_attempts": 3}; null: none',
    "stop-if": 'when a campaign pauses by itself, e.g. {"of_last": 100, "failed_share": 0.3}; null: never',
}
_TEXTS: Final[Mapping[str, str]] = {
    "name": "what the campaign is called in lists",
    "external-id": "the client's own id of the campaign",
    "message": "what its calls say from now on",
    "schedule-time": "when it begins, as long as it has not begun, e.g. 2030-01-15T14:00:00",
    "timezone": "IANA time zone of a --schedule-time without offset (America/New_York)",
}
_NUMBERS: Final[Mapping[str, tuple[int, int]]] = {
    "delay-between-calls": (1, 300),
    "max-concurrent-calls": (1, 50),
    "ring-timeout-seconds": (15, 120),
    "max-call-seconds": (LEAST_CALL_SECONDS, MOST_CALL_SECONDS),
}


def add_edit(add: Callable[..., argparse.ArgumentParser]) -> None:
    """What the parser takes."""
    command = add("edit", "give a task other values; what is already dialled keeps what it had")
    command.add_argument("task_id")
    for name, told in _TEXTS.items():
        command.add_argument(f"--{name}", help=told)
    for name, (least, most) in _NUMBERS.items():
        command.add_argument(f"--{name}", type=int, choices=range(least, most + 1), metavar=f"{least}..{most}")
    command.add_argument("--priority", choices=PRIORITIES, help="which of one client's calls go first")
    for name, told in _AS_JSON.items():
        command.add_argument(f"--{name}", type=json.loads, default=..., metavar="JSON", help=told)


def edits_of(options: argparse.Namespace) -> dict[str, Any]:
    """What the command says, as the API has it; ends the process with a sentence for what could never be."""
    names = [name.replace("-", "_") for name in (*_TEXTS, *_NUMBERS)]
    given = {name: getattr(options, name) for name in (*names, "priority") if getattr(options, name) is not None}
    given |= {name: value for one in _AS_JSON if (value := getattr(options, name := one.replace("-", "_"))) is not ...}
    if not given:
        sys.exit("Say what is to change.")
    if "timezone" in given and "schedule_time" not in given:
        sys.exit("Give --timezone with --schedule-time, which is read in it.")
    message = {"call_metadata": {"message": given.pop("message")}} if "message" in given else {}
    try:
        body: dict[str, Any] = EditTask().load(given | message)
    except ValidationError as error:
        sys.exit(_sentence(error))
    return body


def changed_fields(edits: Mapping[str, Any], record: Mapping[str, str]) -> dict[str, str | None]:
    """What changes in the record; None: the field goes. Ends the process with a sentence for what cannot be here."""
    fields: dict[str, str | None] = {name: edits[name] for name in ("name", "external_id") if name in edits}
    if "delay_between_calls" in edits:
        fields["delay_us"] = str(campaign_interval_us(edits["delay_between_calls"]))
    if "max_concurrent_calls" in edits:
        fields["max_live"] = str(edits["max_concurrent_calls"])
    fields |= {name: str(edits[name]) for name in ("ring_timeout_seconds", "max_call_seconds") if name in edits}
    if "stop_if" in edits:
        fields["stop_if"] = packed_stop(edits["stop_if"]) if edits["stop_if"] else None
    if "due" in edits:
        fields["due_ms"] = str(round(edits["due"].timestamp() * 1000))
    metadata: dict[str, Any] = json.loads(str(record.get("metadata") or "{}")) | edits.get("call_metadata", {})
    if "priority" in edits:
        fields["rank"] = str(RANKS[edits["priority"]])
        metadata |= {"priority": edits["priority"]} if "priority" in metadata else {}
    if "call_metadata" in edits or "priority" in metadata:
        fields["metadata"] = pack_metadata(metadata)
    return fields | (_retry(edits, record, metadata) if "retry" in edits else {})


def _retry(edits: Mapping[str, Any], record: Mapping[str, str], metadata: Mapping[str, Any]) -> dict[str, str | None]:
    detects = bool(record.get("machine") or metadata.get("machine_detection"))
    try:
        new = retry_fields({"retry": edits["retry"], "calling_windows": record.get("windows")}, detects=detects)
    except ValidationError as error:
        sys.exit(_sentence(error))
    return dict.fromkeys(_RETRY) | new


def _sentence(error: ValidationError) -> str:
    """Its first fault, with the names that lead to it."""
    path: list[str] = []
    found: Any = error.messages_dict
    while isinstance(found, dict):
        name, found = next(iter(found.items()))
        path += [str(name)]
    return f"{'.'.join(path)}: {found[0]}"
