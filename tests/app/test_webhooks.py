"""Twilio's webhooks: signed or refused, stored in any order, and never an exception."""

import itertools
import xml.etree.ElementTree as ET
from typing import Any
from urllib.parse import urlencode

import pytest
from redis import Redis

from app.signature import HEADER, sign
from schemas import keys
from tests.app.client import ANSWER, PUBLIC, STATUS, Client
from tests.app.conftest import Start
from tests.processes import AUTH_TOKEN
from tests.scripts.conftest import Store

EVENTS = ("initiated", "ringing", "in-progress", "completed")
FORM = "application/x-www-form-urlencoded"


def _event(sequence: int) -> dict[str, str]:
    status = EVENTS[sequence]
    form = {
        "CallSid": "CA1",
        "CallStatus": status,
        "SequenceNumber": str(sequence),
        "Timestamp": f"Mon, 23 Nov 2026 12:00:{sequence:02d} +0000",
        "CalledZip": "",
    }
    if status == "completed":
        form |= {"CallDuration": "7", "AnsweredBy": "human"}
    return form


@pytest.fixture
async def public(start: Start) -> Client:
    return await start(PUBLIC_BASE_URL=PUBLIC, TWILIO_AUTH_TOKEN_SECONDARY="next")


@pytest.fixture
def store(redis: "Redis") -> Store:
    return Store(redis, 1000, 60_000, 1000)


async def _post(
    client: Client, path: str, form: dict[str, str], token: str = AUTH_TOKEN, **changed: Any
) -> tuple[int, str]:
    signature = changed.get("signature", sign(PUBLIC + changed.get("signed_path", path), list(form.items()), token))
    headers = {"Content-Type": FORM} | ({HEADER: signature} if signature is not None else {})
    body = changed.get("body", urlencode(form).encode())
    async with client.http.post(path, data=body, headers=headers) as answer:
        return answer.status, await answer.text()


@pytest.mark.parametrize("token", [AUTH_TOKEN, "next"])
async def test_a_signed_event_is_stored_before_the_204(public: Client, store: Store, token: str) -> None:
    call = store.placed()

    assert await _post(public, f"{STATUS}?call={call}", _event(1), token) == (204, "")
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
    status, text = await _post(public, f"{path}?call={call}", _event(1), **changed)

    assert status == 403
    assert text == '{"detail": "This request is not signed by Twilio."}'
    assert store.task(call) == before


async def test_a_body_signed_for_one_call_is_refused_when_replayed_for_another(public: Client, store: Store) -> None:
    call = store.placed()
    status, _ = await _post(public, f"{STATUS}?call={call}", _event(1), signed_path=f"{STATUS}?call=other")

    assert status == 403


async def test_a_signed_event_that_is_replayed_changes_nothing(public: Client, store: Store) -> None:
    call = store.placed()
    for sequence in (1, 2):
        await _post(public, f"{STATUS}?call={call}", _event(sequence))
    before = store.task(call)
    assert await _post(public, f"{STATUS}?call={call}", _event(1)) == (204, "")

    after = store.task(call)
    assert {**after, "updated_ms": ""} == {**before, "updated_ms": ""}


async def test_without_a_public_url_every_webhook_is_refused(client: Client, store: Store) -> None:
    call = store.placed()

    assert (await _post(client, f"{STATUS}?call={call}", _event(1)))[0] == 403
    bare = sign(f"{STATUS}?call={call}", list(_event(1).items()), AUTH_TOKEN)
    assert (await _post(client, f"{STATUS}?call={call}", _event(1), signature=bare))[0] == 403


async def test_all_orders_of_the_events_with_repeats_give_the_same_record(public: Client, store: Store) -> None:
    records = []
    for number, order in enumerate(itertools.permutations(range(4))):
        call = store.dialling(f"+1202555{number:04d}")
        store.pass_time(1)
        for sequence in (*order, *order[::2]):
            form = _event(sequence) | {"CallSid": f"CA{number}"}
            assert (await _post(public, f"{STATUS}?call={call}", form))[0] == 204
        record = store.task(call)
        assert record.pop("sid") == f"CA{number}"
        varying = {"to", "updated_ms", "created_ms", "due_ms", "start_ms", "since_ms", "slot_us", "dialled_ms"}
        varying |= {"first_dialled_ms", "leaves_us"}
        records.append({name: value for name, value in record.items() if name not in varying})

    assert all(record == records[0] for record in records)
    assert (records[0]["state"], records[0]["call_status"]) == ("ended", "completed")
    assert (records[0]["duration_seconds"], records[0]["answered_by"]) == ("7", "human")


@pytest.mark.parametrize(
    ("status", "state"),
    [(status, "placed") for status in ("queued", "initiated", "ringing", "in-progress")]
    + [(status, "ended") for status in ("completed", "busy", "failed", "no-answer", "canceled")],
)
async def test_each_of_twilios_statuses_is_taken_and_five_of_them_end_the_call(
    public: Client, store: Store, status: str, state: str
) -> None:
    call = store.dialling()
    await _post(public, f"{STATUS}?call={call}", {"CallSid": "CA1", "CallStatus": status, "SequenceNumber": "0"})

    assert (store.state(call), store.task(call)["call_status"]) == (state, status)


async def test_an_event_that_overtakes_twilios_answer_finds_its_call(public: Client, store: Store) -> None:
    call = store.dialling()
    await _post(public, f"{STATUS}?call={call}", _event(0))

    assert store.state(call) == "placed"
    assert store.task(call)["sid"] == "CA1"


async def test_an_event_without_our_id_finds_its_call_by_its_sid(public: Client, store: Store) -> None:
    call = store.placed(sid="CA1")
    await _post(public, STATUS, _event(2))

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

    assert (await _post(public, f"{STATUS}?call={call}", form))[0] == 204
    assert (await public.status(call)).status == 200
    assert "ended_ms" not in store.task(call)


@pytest.mark.parametrize("call", ["", "nobody", "*", "x" * 300, "a%00b"])
async def test_events_of_calls_that_are_not_ours_change_nothing(public: Client, redis: "Redis", call: str) -> None:
    assert (await _post(public, f"{STATUS}?call={call}", _event(1)))[0] == 204
    assert redis.dbsize() == 0


async def test_an_event_that_could_not_be_stored_is_answered_503_so_that_twilio_repeats_it(
    start: Start, redis_server: Any
) -> None:
    cut_off = await start(PUBLIC_BASE_URL=PUBLIC, REDIS_URL="redis://127.0.0.1:1/0")

    assert (await _post(cut_off, f"{STATUS}?call=some", _event(1)))[0] == 503


async def test_machine_detection_that_comes_by_itself_is_stored(public: Client, store: Store) -> None:
    call = store.placed()
    form = {"CallSid": "CA1", "AnsweredBy": "machine_start", "MachineDetectionDuration": "2300"}
    await _post(public, f"{STATUS}?call={call}", form)

    assert store.task(call)["answered_by"] == "machine_start"


@pytest.mark.parametrize(
    "message", ["<Say>&\"'</Say>", "bell\x07 and\x00null", "😀 " * 2500, "x" * 5000, "word " * 1000, "\ud800 lone", ""]
)
async def test_an_answered_call_gets_well_formed_twiml(public: Client, store: Store, message: str) -> None:
    body = {"to_number": "+12025550100", "call_metadata": {"message": message, "voice": "alice", "language": "en-GB"}}
    answer = await public.post("queue-single-call", body)
    call = answer.body["task_id"]
    status, text = await _post(public, f"{ANSWER}?call={call}", {"CallSid": "CA1", "CallStatus": "in-progress"})

    assert status == 200
    root = ET.fromstring(text.encode())
    assert [child.tag for child in root] == ["Say", "Hangup"]
    assert root[0].attrib == {"voice": "alice", "language": "en-GB"}
    assert 0 < len(root[0].text or "") <= 3000


async def test_a_pressed_digit_is_stored_and_thanked_for(public: Client, store: Store) -> None:
    call = store.placed()
    form = {"CallSid": "CA1", "CallStatus": "in-progress", "Digits": "5"}
    status, text = await _post(public, f"{ANSWER}?call={call}", form)

    assert (status, "Thank you" in text) == (200, True)
    assert store.redis.hget(keys.task(call), "digits") == "5"


async def test_a_call_that_is_not_ours_is_answered_politely(public: Client) -> None:
    status, text = await _post(public, ANSWER, {"CallSid": "CAother", "CallStatus": "ringing"})

    assert status == 200
    assert [child.tag for child in ET.fromstring(text.encode())] == ["Say", "Hangup"]
