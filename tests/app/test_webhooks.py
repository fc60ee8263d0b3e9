"""Twilio's webhooks: signed or refused, stored in any order, and never an exception."""

import itertools
from typing import Any

import pytest
from redis import Redis

from app.signature import sign
from tests.app.client import ANSWER, PUBLIC, STATUS, Client
from tests.app.conftest import Start
from tests.app.twilio import event, post
from tests.processes import AUTH_TOKEN
from tests.scripts.conftest import Store


@pytest.mark.parametrize("token", [AUTH_TOKEN, "next"])
async def test_a_signed_event_is_stored_before_the_204(public: Client, store: Store, token: str) -> None:
    call = store.placed()

    assert await post(public, f"{STATUS}?call={call}", event(1), token) == (204, "")
    assert store.task(call)["call_status"] == "ringing"


@pytest.mark.parametrize("path", [STATUS, ANSWER])
@pytest.mark.parametrize(
    "changed",
    [
        {"signature": None},
        {"signature": ""},
        {"signature": "forged"},
        {"signature": "ÄÖ€"},
        {"signed_path": STATUS + "?call=another"},
        {"body": b"CallSid=CA1&CallStatus=completed&SequenceNumber=3"},
        {"body": b'{"CallStatus": "completed"}'},
        {"body": b"\xff\xfe%zz&&=&="},
        {"body": b""},
    ],
    ids=str,
)
async def test_what_twilio_did_not_sign_is_refused_and_changes_nothing(
    public: Client, store: Store, path: str, changed: dict[str, Any]
) -> None:
    call = store.placed()
    before = store.task(call)
    status, text = await post(public, f"{path}?call={call}", event(1), **changed)

    assert status == 403
    assert text == '{"detail": "This request is not signed by Twilio."}'
    assert store.task(call) == before


async def test_a_body_signed_for_one_call_is_refused_when_replayed_for_another(public: Client, store: Store) -> None:
    call = store.placed()
    status, _ = await post(public, f"{STATUS}?call={call}", event(1), signed_path=f"{STATUS}?call=other")

    assert status == 403


async def test_a_signed_event_that_is_replayed_changes_nothing(public: Client, store: Store) -> None:
    call = store.placed()
    for sequence in (1, 2):
        await post(public, f"{STATUS}?call={call}", event(sequence))
    before = store.task(call)
    assert await post(public, f"{STATUS}?call={call}", event(1)) == (204, "")

    after = store.task(call)
    assert {**after, "updated_ms": ""} == {**before, "updated_ms": ""}


async def test_without_a_public_url_every_webhook_is_refused(client: Client, store: Store) -> None:
    call = store.placed()

    assert (await post(client, f"{STATUS}?call={call}", event(1)))[0] == 403
    bare = sign(f"{STATUS}?call={call}", list(event(1).items()), AUTH_TOKEN)
    assert (await post(client, f"{STATUS}?call={call}", event(1), signature=bare))[0] == 403


async def test_all_orders_of_the_events_with_repeats_give_the_same_record(public: Client, store: Store) -> None:
    records = []
    for number, order in enumerate(itertools.permutations(range(4))):
        call = store.dialling(f"+1202555{number:04d}")
        store.pass_time(1)
        for sequence in (*order, *order[::2]):
            form = event(sequence) | {"CallSid": f"CA{number}"}
            assert (await post(public, f"{STATUS}?call={call}", form))[0] == 204
        record = store.task(call)
        assert record.pop("sid") == f"CA{number}"
        varying = {"to", "updated_ms", "created_ms", "due_ms", "start_ms", "since_ms", "slot_us", "dialled_ms"}
        varying |= {"first_dialled_ms", "leaves_us"}
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
    await post(public, f"{STATUS}?call={call}", {"CallSid": "CA1", "CallStatus": status, "SequenceNumber": "0"})

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
        {},
        {"CallStatus": "exploded", "SequenceNumber": "1"},
        {"CallStatus": "ringing", "SequenceNumber": "minus one"},
        {"CallStatus": "ringing", "SequenceNumber": "²"},
        {"CallStatus": "completed", "SequenceNumber": "3", "CallDuration": "long", "Timestamp": "yesterday"},
        {"CallStatus": "completed", "SequenceNumber": "3", "Timestamp": f"Mon, 23 Nov 2026 12:00:00 +{'9' * 30}"},
        {"CallStatus": "completed", "SequenceNumber": "3", "Timestamp": "Mon, 23 Nov 1026 12:00:00 +0000"},
        {"CallStatus": "ringing", "SequenceNumber": "1", "CallSid": "\x00\u2028😀"},
    ],
    ids=str,
)
async def test_odd_events_are_taken_without_an_exception(public: Client, store: Store, form: dict[str, str]) -> None:
    call = store.placed()

    assert (await post(public, f"{STATUS}?call={call}", form))[0] == 204
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
