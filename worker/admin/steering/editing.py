"""`worker.admin edit`: a task gets other values, as by PATCH /tasks/{task_id}."""

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from typing import Any, Final

from marshmallow import ValidationError

from schemas.bodies.campaigns.editing import EditTask
from schemas.bodies.metadata import Metadata
from schemas.hours.edited import check_end, check_start, edited_time
from schemas.limits import campaign_interval_us
from schemas.options.recorded import LEAST_CALL_SECONDS, MOST_CALL_SECONDS, too_long
from schemas.options.retry import edited_retry
from schemas.options.stopping import packed_stop
from schemas.records import PRIORITIES, RANKS
from worker.admin.line.arguments import as_json, whole
from worker.settings import Settings

#: What only a campaign's record holds.
CAMPAIGNS_OWN: Final = frozenset({"name", "external_id", "delay_between_calls", "max_concurrent_calls", "stop_if"})
#: Options of the command that are JSON, as the API takes it.
_AS_JSON: Final[Mapping[str, str]] = {
    "calling-windows": 'when calls may leave, e.g. {"windows": [{"days": ["mon"], "start": "09:00", "end": "20:00"}]};'
    " null: whenever CALLING_WINDOWS lets any leave",
    "retry": 'further attempts that follow by themselves, e.g. {"max_attempts": 3}; null: none',
    "stop-if": 'when a campaign pauses by itself, e.g. {"of_last": 100, "failed_share": 0.3}; null: never',
}
_OR_NULL: Final[Mapping[str, str]] = {
    "expires-at": "what has not begun by then ends as expired, e.g. 2030-01-15T20:00:00Z; null: never",
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
        command.add_argument(f"--{name}", type=whole(least, most), metavar=f"{least}..{most}")
    command.add_argument("--priority", choices=PRIORITIES, help="which of one client's calls go first")
    for name, told in _AS_JSON.items():
        command.add_argument(f"--{name}", type=as_json, default=..., metavar="JSON", help=told)
    for name, told in _OR_NULL.items():
        command.add_argument(f"--{name}", type=_text_or_null, default=..., help=told)


def edits_of(options: argparse.Namespace) -> dict[str, Any]:
    """What the command says, as the API has it; ends the process with a sentence for what could never be."""
    names = [name.replace("-", "_") for name in (*_TEXTS, *_NUMBERS)]
    given = {name: getattr(options, name) for name in (*names, "priority") if getattr(options, name) is not None}
    nullable = [name.replace("-", "_") for name in (*_AS_JSON, *_OR_NULL)]
    given |= {name: value for name in nullable if (value := getattr(options, name)) is not ...}
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


def changed_fields(edits: Mapping[str, Any], record: Mapping[str, str], settings: Settings) -> dict[str, str | None]:
    """What changes in the record; None: the field goes. Ends the process with a sentence for what cannot be here."""
    fields: dict[str, str | None] = {name: edits[name] for name in ("name", "external_id") if name in edits}
    if "delay_between_calls" in edits:
        fields["delay_us"] = str(campaign_interval_us(edits["delay_between_calls"]))
    if "max_concurrent_calls" in edits:
        fields["max_live"] = str(edits["max_concurrent_calls"])
    if edits.get("max_call_seconds", 0) > settings.max_call_seconds:
        sys.exit(f"max_call_seconds: {too_long(settings.max_call_seconds)}")
    fields |= {name: str(edits[name]) for name in ("ring_timeout_seconds", "max_call_seconds") if name in edits}
    if "stop_if" in edits:
        fields["stop_if"] = packed_stop(edits["stop_if"]) if edits["stop_if"] else None
    metadata: dict[str, Any] = json.loads(str(record.get("metadata") or "{}")) | edits.get("call_metadata", {})
    if "priority" in edits:
        fields["rank"] = str(RANKS[edits["priority"]])
        metadata |= {"priority": edits["priority"]} if "priority" in metadata else {}
    if "call_metadata" in edits or "priority" in metadata:
        fields["metadata"] = _packed(metadata)
    try:
        return fields | _when(edits, record) | edited_retry(edits, record, metadata, settings.policy)
    except ValidationError as error:
        sys.exit(_sentence(error))


def _packed(metadata: Mapping[str, Any]) -> str:
    try:
        return Metadata().deserialize(metadata).text
    except ValidationError as error:
        sys.exit(_sentence(ValidationError({"call_metadata": error.messages})))


def _when(edits: Mapping[str, Any], record: Mapping[str, str]) -> dict[str, str | None]:
    fields = edited_time(edits, is_campaign=record.get("kind") == "bulk")
    if "due" in edits:
        due_ms = round(edits["due"].timestamp() * 1000)
        check_start(due_ms, edits, record)
        fields["due_ms"] = str(due_ms)
    else:
        check_end(edits, record)
    return fields


def _text_or_null(text: str) -> str | None:
    return None if text == "null" else text


def _sentence(error: ValidationError) -> str:
    """Its first fault, with the names that lead to it."""
    path: list[str] = []
    found: Any = error.messages_dict
    while isinstance(found, dict):
        name, found = next(iter(found.items()))
        path += [str(name)]
    return f"{'.'.join(path)}: {found[0]}"
