"""What the calls of a task say and find out, as it is edited: whether that can be, beside what else they do."""

from collections.abc import Mapping
from typing import Any, Final

from marshmallow import ValidationError

from app.calls.answering import TWICE, prompt_fault
from app.calls.options import PRIORITIES_DIFFER
from app.calls.spoken import message_fault
from app.http.body.checking import invalid_request
from app.store.campaigns import BeforeEdit
from schemas.bodies.metadata import Metadata
from schemas.records import RANKS

#: Keys of metadata that say again what an option says, which stays as it is.
_OPTION_OF: Final = {"machine_detection": "machine", "gather_input": "gather"}


def edited_metadata(
    body: Mapping[str, Any], before: BeforeEdit, *, inline: bool
) -> tuple[Mapping[str, Any], dict[str, str | None]]:
    """
    The metadata as they will be, and what changes in the record for them, and for another priority. Raises
    InvalidRequest. Of a campaign's numbers each has variables of its own: see rows.py.
    """
    if "call_metadata" not in body and "priority" not in body:
        return before.metadata, {}
    patch = body.get("call_metadata", {})
    merged = {} if patch is None else _merge(before.metadata, patch)
    if "priority" in body:
        given = (patch or {}).get("priority")
        if given and given != body["priority"]:
            raise invalid_request({"priority": [PRIORITIES_DIFFER]})
        if "priority" in merged:
            merged = _merge(merged, {"priority": body["priority"]})
    try:
        packed = Metadata().deserialize(merged)
    except ValidationError as error:
        raise invalid_request({"call_metadata": error.messages}) from error
    if faults := _faults(packed.values, before, inline=inline):
        raise invalid_request({"call_metadata": faults})
    fields: dict[str, str | None] = {"metadata": packed.text or None}
    if "priority" in body or packed.values.get("priority") or before.metadata.get("priority"):
        fields["rank"] = str(RANKS[body.get("priority") or packed.priority])
    return packed.values, fields


def spoken_faults(
    metadata: Mapping[str, Any], before: BeforeEdit, variables: Mapping[str, str], *, inline: bool
) -> dict[str, list[str]]:
    """What is wrong with the message, for somebody who has these variables."""
    if before.has_webhook:
        return {}
    sentence = message_fault(metadata, variables, inline=inline)
    sentence = sentence or prompt_fault(before.prompt, metadata, variables)
    return {"message": [sentence]} if sentence else {}


def _faults(metadata: Mapping[str, Any], before: BeforeEdit, *, inline: bool) -> dict[str, list[str]]:
    twice = {
        key: [TWICE.format(option)]
        for key, option in _OPTION_OF.items()
        if metadata.get(key) and before.record.get(option)
    }
    return twice or spoken_faults(metadata, before, before.variables, inline=inline)


def _merge(target: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """RFC 7396."""
    merged = {name: value for name, value in target.items() if name not in patch}
    for name, value in patch.items():
        if isinstance(value, dict):
            kept = target.get(name)
            merged[name] = _merge(kept if isinstance(kept, dict) else {}, value)
        elif value is not None:
            merged[name] = value
    return merged
