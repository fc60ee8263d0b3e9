"""Records from Redis, whole and damaged."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.bodies.metadata import pack_metadata
from schemas.errors import RecordError
from schemas.records import COUNTS, CallRecord, CampaignRecord, read_task
from schemas.states import CallState, CampaignState

CALL = {
    "kind": "single",
    "state": "waiting",
    "to": "+1234567890",
    "from": "+15005550006",
    "created_ms": "1700000000000",
    "updated_ms": "1700000000001",
    "due_ms": "1700000010000",
}
CAMPAIGN = {"kind": "bulk", "state": "active", "total": "9", "created_ms": "1", "updated_ms": "2"}


def call(**fields: str) -> CallRecord:
    record = read_task("id", CALL | fields)
    assert isinstance(record, CallRecord)
    return record


def campaign(**fields: str) -> CampaignRecord:
    record = read_task("id", CAMPAIGN | fields)
    assert isinstance(record, CampaignRecord)
    return record


def test_no_fields_are_no_record() -> None:
    assert read_task("id", {}) is None


def test_a_fresh_call_has_no_outcome() -> None:
    record = call()
    assert (record.id, record.state, record.to, record.from_number) == (
        "id",
        CallState.WAITING,
        "+1234567890",
        "+15005550006",
    )
    assert (record.created_ms, record.updated_ms, record.due_ms) == (1700000000000, 1700000000001, 1700000010000)
    assert (record.metadata, record.tries, record.hang_up) == ({}, 0, False)
    outcome = (record.sid, record.call_status, record.started_ms, record.ended_ms, record.duration_seconds)
    assert outcome == (None,) * 5
    assert (record.answered_by, record.error, record.doubt, record.campaign_id) == (None,) * 4


def test_a_call_reads_back_what_was_written() -> None:
    record = call(
        state="ended",
        bulk="campaign",
        metadata='{"message":"\\ud83d\\ude00"}',
        webhook_url="http://a/",
        status_callback_url="http://b/",
        tries="2",
        hang_up="1",
        sid="CA1",
        call_status="completed",
        started_ms="5",
        ended_ms="9",
        duration_seconds="0",
        answered_by="human",
        error="e",
    )
    assert record.state is CallState.ENDED
    assert (record.campaign_id, record.metadata, record.tries, record.hang_up) == (
        "campaign",
        {"message": "😀"},
        2,
        True,
    )
    assert (record.webhook_url, record.status_callback_url) == ("http://a/", "http://b/")
    assert (record.sid, record.call_status, record.answered_by, record.error) == ("CA1", "completed", "human", "e")
    assert (record.started_ms, record.ended_ms, record.duration_seconds) == (5, 9, 0)


@given(metadata=st.dictionaries(st.text(st.characters(exclude_categories=())), st.text() | st.integers() | st.none()))
def test_metadata_come_back_as_they_were_given(metadata: dict[str, Any]) -> None:
    assert call(metadata=pack_metadata(metadata)).metadata == metadata


@pytest.mark.parametrize("name", [name for name in CALL if name not in {"kind", "from"}])
def test_a_call_without_a_needed_field_is_damaged(name: str) -> None:
    with pytest.raises(RecordError, match=f"call id is damaged.*{name}"):
        read_task("id", {key: value for key, value in CALL.items() if key != name})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("state", "lost"),
        ("created_ms", ""),
        ("updated_ms", "1.5e3"),
        ("due_ms", "soon"),
        ("metadata", "{"),
        ("metadata", "[" * 100_000),
        ("tries", "two"),
        ("started_ms", "x"),
        ("ended_ms", "9" * 5000),
        ("duration_seconds", "1.0"),
    ],
)
def test_a_call_with_a_field_that_cannot_be_read_is_damaged(name: str, value: str) -> None:
    with pytest.raises(RecordError, match="call id is damaged"):
        call(**{name: value})


@pytest.mark.parametrize("name", ["state", "created_ms", "started_ms", "tries", "metadata"])
def test_the_error_about_a_damaged_call_names_the_field_and_repeats_no_value(name: str) -> None:
    with pytest.raises(RecordError) as caught:
        call(**{name: "swordfish +12025550123"})
    assert caught.value.__suppress_context__
    assert name in str(caught.value) or name == "metadata"
    assert "swordfish" not in str(caught.value)


@pytest.mark.parametrize("value", ["[]", "1", "null", '"text"'])
def test_a_call_whose_metadata_are_no_object_is_damaged(value: str) -> None:
    with pytest.raises(RecordError, match="call id is damaged"):
        call(metadata=value)


def test_a_fresh_campaign_waits_whole() -> None:
    record = campaign()
    assert (record.state, record.total, record.waiting, record.settled) == (CampaignState.ACTIVE, 9, 9, 0)
    assert set(record.counts) == set(COUNTS)


@given(counts=st.fixed_dictionaries({name: st.integers(0, 20) for name in COUNTS}), waiting=st.integers(0, 20))
def test_the_counts_of_a_campaign_and_its_waiting_add_up_to_the_total(counts: dict[str, int], waiting: int) -> None:
    total = sum(counts.values()) + waiting
    record = campaign(total=str(total), **{name: str(count) for name, count in counts.items()})
    assert record.waiting == waiting
    assert record.settled == total - waiting - counts["live"]


@pytest.mark.parametrize("name", [name for name in CAMPAIGN if name != "kind"])
def test_a_campaign_without_a_needed_field_is_damaged(name: str) -> None:
    with pytest.raises(RecordError, match=f"campaign id is damaged.*{name}"):
        read_task("id", {key: value for key, value in CAMPAIGN.items() if key != name})


@pytest.mark.parametrize(("name", "value"), [("state", "waiting"), ("total", "all"), ("live", "x"), ("dispatched", "")])
def test_a_campaign_with_a_field_that_cannot_be_read_is_damaged(name: str, value: str) -> None:
    with pytest.raises(RecordError, match="campaign id is damaged"):
        campaign(**{name: value})


@pytest.mark.parametrize("name", ["started_ms", "ended_ms", "duration_seconds"])
def test_a_time_that_twilio_left_empty_is_none(name: str) -> None:
    assert getattr(call(**{name: ""}), name) is None


def test_an_empty_number_that_must_not_be_empty_is_damage_and_is_named() -> None:
    with pytest.raises(RecordError, match="tries is no whole number"):
        call(tries="", started_ms="")
