"""What a client wants of a call besides its message: what cannot be, what has no effect, and how it is recorded."""

from collections.abc import Mapping
from typing import Any, Final

from schemas.bodies.metadata import PackedMetadata, pack_metadata
from schemas.options.recorded import AS_GIVEN, OnMachine, too_long

PRIORITIES_DIFFER: Final = "Must be the same as call_metadata.priority, or one of the two must not be given."

_OF_RECORD: Final = frozenset({*AS_GIVEN, "record", "machine", "gather", "variables"})


def option_faults(body: Mapping[str, Any], metadata: PackedMetadata, max_call_seconds: int) -> dict[str, list[str]]:
    """What is wrong with the options of a request: field -> sentences."""
    faults = {}
    if body.get("max_call_seconds", 0) > max_call_seconds:
        faults["max_call_seconds"] = [too_long(max_call_seconds)]
    given = metadata.values.get("priority")
    if "priority" in body and given and given != body["priority"]:
        faults["priority"] = [PRIORITIES_DIFFER]
    return faults


def option_fields(body: Mapping[str, Any]) -> dict[str, str]:
    """The options as the record of a call, or of a campaign, holds them."""
    if _OF_RECORD.isdisjoint(body):
        return {}
    fields = {name: str(body[name]) for name in AS_GIVEN if name in body}
    if body.get("record"):
        fields["record"] = "1"
    if (machine := body.get("machine")) and machine["on_machine"] != OnMachine.SPEAK:
        fields["machine"] = pack_metadata(machine)
    if gather := body.get("gather"):
        fields["gather"] = pack_metadata({"prompt": "", **gather})
    if body.get("variables"):
        fields["variables"] = pack_metadata(body["variables"])
    return fields


def option_warnings(body: Mapping[str, Any], *, has_webhook: bool, inline: bool) -> list[str]:
    """Which options have no effect, in sentences."""
    told = []
    if body.get("variables") and has_webhook:
        told.append("variables has no effect: webhook_url tells what is said.")
    metadata = body.get("call_metadata")
    if body.get("send_digits") and metadata and metadata.values.get("machine_detection"):
        told.append(
            "call_metadata.machine_detection has no effect: Twilio detects nothing where it presses send_digits."
        )
    if body.get("record") and inline:
        told.append("record leaves result.recording_sid empty: without PUBLIC_BASE_URL Twilio tells of no recording.")
    return told
