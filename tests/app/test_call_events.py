"""Twilio's events of a call, in any order, and what each changes."""

import itertools
from typing import Any

import pytest
from redis import Redis

from tests.app.client import PUBLIC, STATUS, Client
from tests.app.conftest import Start
from tests.app.twilio import event, post
from tests.scripts.conftest import Store


async def test_all_orders_of_the_events_with_repeats_give_the_same_record(public: Client, store: Store) -> None:
    records = []
    for number, order in enumerate(itertools.permutations(range(4))):
        call = store.dialling(f"+1202555{number:04d}")
        store.pass_time(1)
        for sequence in (*order, *order[::2]):
            form = event(sequence) | {"CallSid": f"CA{number}", "To": f"+1202555{number:04d}"}
            assert (await post(public, f"{STATUS}?call={call}", form))[0] == 204
        record = store.task(call)
        assert record.pop("sid") == f"CA{number}"
        varying = {"to", "updated_ms", "created_ms", "due_ms", "start_ms", "since_ms", "slot_us", "dialled_ms"}
        varying |= {"first_dialled_ms", "leaves_us", "arrives_us"}
        records.append({name: value for name, value in record.items() if name not in varying})

    assert all(record == records[0] for record in records)
    assert (records[0]["state"], records[0]["call_status"]) == ("ended", "completed")
    assert (records[0]["duration_seconds"], records[0]["answered_by"]) == ("7", "human")
    assert int(records[0]["ended_ms"]) - int(records[0]["started_ms"]) == 3000


@pytest.mark.parametrize(
    ("status", "state"),
    [(status, "placed") for status in ("queued", "initiated", "ringing", "in-progress")]
    + [(status, "ended") for status in ("completed", "busy", "failed", "no-answer", "canceled")],
)
async def test_each_of_twilios_statuses_is_taken_and_five_of_them_end_the_call(
    public: Client, store: Store, status: str, state: str
) -> None:
    call = store.dialling()
    await post(public, f"{STATUS}?call={call}", event(0) | {"CallStatus": status})

    assert (store.state(call), store.task(call)["call_status"]) == (state, status)


async def test_an_event_that_overtakes_twilios_answer_finds_its_call(public: Client, store: Store) -> None:
    call = store.dialling()
    await post(public, f"{STATUS}?call={call}", event(0))

    assert store.state(call) == "placed"
    assert store.task(call)["sid"] == "CA1"


async def test_an_event_without_our_id_finds_its_call_by_its_sid(public: Client, store: Store) -> None:
    call = store.placed(sid="CA1")
    await post(public, STATUS, event(2))

    assert store.task(call)["call_status"] == "in-progress"


@pytest.mark.parametrize(
    "form",
    [
        {"CallStatus": "exploded", "SequenceNumber": "1"},
        {"CallStatus": "ringing", "SequenceNumber": "minus one"},
        {"CallStatus": "ringing", "SequenceNumber": "²"},
        {"CallStatus": "completed", "SequenceNumber": "3", "CallDuration": "long", "Timestamp": "yesterday"},
        {"CallStatus": "completed", "SequenceNumber": "3", "Timestamp": f"Mon, 23 Nov 2026 12:00:00 +{'9' * 30}"},
        {"CallStatus": "completed", "SequenceNumber": "3", "Timestamp": "Mon, 23 Nov 1026 12:00:00 +0000"},
    ],
    ids=str,
)
async def test_odd_events_are_taken_without_an_exception(public: Client, store: Store, form: dict[str, str]) -> None:
    call = store.placed()

    assert (await post(public, f"{STATUS}?call={call}", form | {"CallSid": "CA1"}))[0] == 204
    assert (await public.status(call)).status == 200
    assert "ended_ms" not in store.task(call)


@pytest.mark.parametrize("call", ["", "nobody", "*", "x" * 300, "a%00b"])
async def test_events_of_calls_that_are_not_ours_change_nothing(public: Client, redis: "Redis", call: str) -> None:
    assert (await post(public, f"{STATUS}?call={call}", event(1)))[0] == 204
    assert redis.dbsize() == 0


async def test_an_event_that_could_not_be_stored_is_answered_503_so_that_twilio_repeats_it(
    start: Start, redis_server: Any
) -> None:
    cut_off = await start(PUBLIC_BASE_URL=PUBLIC, REDIS_URL="redis://127.0.0.1:1/0")

    assert (await post(cut_off, f"{STATUS}?call=some", event(1)))[0] == 503


async def test_machine_detection_that_comes_by_itself_is_stored(public: Client, store: Store) -> None:
    call = store.placed()
    form = {"CallSid": "CA1", "AnsweredBy": "machine_start", "MachineDetectionDuration": "2300"}
    await post(public, f"{STATUS}?call={call}", form)

    assert store.task(call)["answered_by"] == "machine_start"
    await post(public, f"{STATUS}?call={call}", event(2))
    assert store.task(call)["answered_by"] == "machine_start"
