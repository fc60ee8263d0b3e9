"""The form that a client gets of an event: Twilio's own fields, or ours where Twilio told nothing, and whose it is."""

from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Final

from yarl import query_to_pairs

from schemas.campaign_status import campaign_status
from schemas.records import CampaignRecord
from schemas.scripts.relay import Parcel

#: Twilio counts the events of one call of its own; ours are of all attempts of a task's call.
_SEQUENCE: Final = "SequenceNumber"


def form_of(parcel: Parcel, account_sid: str) -> list[tuple[str, str]]:
    """Fields and values, in order."""
    return [*_what(parcel, account_sid), *_whose(parcel), (_SEQUENCE, str(parcel.number))]


def _what(parcel: Parcel, account_sid: str) -> Iterator[tuple[str, str]]:
    event = parcel.event
    if body := event.get("body"):
        yield from (pair for pair in query_to_pairs(body) if pair[0] != _SEQUENCE)
        return
    yield "AccountSid", account_sid
    if fields := event.get("campaign"):
        campaign = CampaignRecord.read(parcel.call_id, fields)
        yield "TaskStatus", campaign_status(campaign)
        counts = {"total": campaign.total, "waiting": campaign.waiting, **campaign.counts}
        yield from (("Count" + name.title().replace("_", ""), str(count)) for name, count in counts.items())
        yield "Timestamp", _rfc2822(event["told_ms"])
        return
    if sid := event.get("call_sid"):
        yield "CallSid", sid
    yield from (("From", parcel.from_number), ("To", parcel.to), ("CallStatus", event["status"]))
    if code := event.get("code"):
        yield "ErrorCode", code
    if outcome := event.get("outcome"):
        yield "Outcome", outcome
    yield "Timestamp", _rfc2822(event.get("ended_ms", event["told_ms"]))


def _whose(parcel: Parcel) -> Iterator[tuple[str, str]]:
    event = parcel.event
    yield "TaskId", parcel.call_id
    if "campaign" in event:
        yield "CampaignId", parcel.call_id
        yield from given_ids(campaign_external_id=parcel.external_id)
        return
    if parcel.campaign_id:
        yield "CampaignId", parcel.campaign_id
    yield from given_ids(parcel.external_id, parcel.campaign_external_id)
    yield "Attempt", str(event["attempt"])
    if event.get("final"):
        yield "MoreAttempts", "true" if event.get("more") else "false"
    if event.get("correction"):
        yield "Correction", "true"


def given_ids(external_id: str = "", campaign_external_id: str = "") -> Iterator[tuple[str, str]]:
    """Fields with the client's own ids of a call and of its campaign, where it gave some."""
    if external_id:
        yield "ExternalId", external_id
    if campaign_external_id:
        yield "CampaignExternalId", campaign_external_id


def _rfc2822(ms: float) -> str:
    """As Twilio writes a Timestamp: Mon, 23 Nov 2026 12:00:00 +0000."""
    return format_datetime(datetime.fromtimestamp(ms // 1000, UTC))
