"""A record as the operator sees it: flat, with times that people read."""

from collections.abc import Mapping
from typing import Any, Final

from schemas.errors import RecordError
from schemas.moment import utc_text
from schemas.records import CallRecord, CampaignRecord

COLUMNS: Final = (
    "id",
    "kind",
    "state",
    "campaign_id",
    "to_number",
    "from_number",
    "created_at",
    "updated_at",
    "due_at",
    "call_sid",
    "call_status",
    "started_at",
    "ended_at",
    "duration_seconds",
    "answered_by",
    "digits",
    "error",
    "metadata",
    "counts",
)


def row_of(task_id: str, fields: Mapping[str, str]) -> dict[str, Any]:
    """Values for COLUMNS. A campaign's numbers that were dialled are rows of their own; a damaged record says so."""
    kind = fields.get("kind", "")
    try:
        if kind == "bulk":
            return _campaign_row(CampaignRecord.read(task_id, fields))
        return _call_row(CallRecord.read(task_id, fields).made, kind)
    except RecordError as error:
        return dict.fromkeys(COLUMNS) | {"id": task_id, "kind": kind, "state": "damaged", "error": str(error)}


def unbegun_row(campaign_id: str, shared: Mapping[str, str], place: int, to: str, state: str) -> dict[str, Any]:
    """A number of a campaign that never began, and so has no record of its own."""
    created_ms = int(shared.get("created_ms") or 0)
    return dict.fromkeys(COLUMNS) | {
        "id": f"{campaign_id}-{place}",
        "kind": "bulk_call",
        "state": state,
        "campaign_id": campaign_id,
        "to_number": to or None,
        "from_number": shared.get("from") or None,
        "created_at": utc_text(created_ms),
        "due_at": utc_text(int(shared.get("due_ms") or created_ms)),
    }


def _call_row(call: CallRecord, kind: str) -> dict[str, Any]:
    return dict.fromkeys(COLUMNS) | {
        "id": call.id,
        "kind": kind,
        "state": str(call.state),
        "campaign_id": call.campaign_id,
        "to_number": call.to,
        "from_number": call.from_number or None,
        "created_at": utc_text(call.created_ms),
        "updated_at": utc_text(call.updated_ms),
        "due_at": utc_text(call.due_ms),
        "call_sid": call.sid,
        "call_status": call.call_status,
        "started_at": _optional(call.started_ms),
        "ended_at": _optional(call.ended_ms),
        "duration_seconds": call.duration_seconds,
        "answered_by": call.answered_by,
        "digits": call.digits,
        "error": call.error,
        "metadata": call.metadata or None,
    }


def _campaign_row(campaign: CampaignRecord) -> dict[str, Any]:
    return dict.fromkeys(COLUMNS) | {
        "id": campaign.id,
        "kind": "bulk",
        "state": str(campaign.state),
        "created_at": utc_text(campaign.created_ms),
        "updated_at": utc_text(campaign.updated_ms),
        "error": campaign.error,
        "counts": {"total": campaign.total, "waiting": campaign.waiting, **campaign.counts},
    }


def _optional(ms: int | None) -> str | None:
    return None if ms is None else utc_text(ms)
