"""Twilio's webhooks: signed or refused, stored in any order, and never an exception."""

from typing import Any
from urllib.parse import urlencode

import pytest
from twilio.request_validator import RequestValidator

from app.security.signature import HEADER, SETTINGS_HEADER, sign
from tests.app.client import ANSWER, PUBLIC, STATUS, Client
from tests.app.conftest import Start
from tests.app.twilio import FORM, event, post
from tests.app.wire import Listen
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
        {"body": b"a" * (128 * 1024 + 1)},
        {"body": b"a" * (1024 * 1024 + 1)},
        {"body": b"a=&" * 501},
    ],
    ids=lambda changed: str(changed)[:60],
)
async def test_what_twilio_did_not_sign_is_refused_changes_nothing_and_shows_in_the_log(
    public: Client, store: Store, path: str, changed: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    call = store.placed()
    before = store.task(call)
    status, text = await post(public, f"{path}?call={call}", event(1), **changed)

    assert status == 403
    assert text == '{"detail": "This request is not signed by Twilio.", "code": "forbidden"}'
    assert store.task(call) == before
    assert capsys.readouterr().out.count("webhook_not_signed") == 1


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


@pytest.mark.parametrize("path", [STATUS, ANSWER])
@pytest.mark.parametrize("query", ["?call={}", ""])
@pytest.mark.parametrize("sid", [None, "", "\x00\u2028😀", "C" * 65])
async def test_a_post_that_names_no_call_of_twilios_is_refused(
    public: Client, store: Store, path: str, query: str, sid: str | None
) -> None:
    call = store.placed()
    before = store.task(call)
    form = {name: value for name, value in event(1).items() if name != "CallSid"}
    if sid is not None:
        form["CallSid"] = sid

    assert (await post(public, path + query.format(call), form))[0] == 403
    assert store.task(call) == before


@pytest.mark.parametrize("base", [PUBLIC, "http://calls.example"])
async def test_a_target_that_continues_our_host_name_is_refused_though_it_is_signed(
    listen: Listen, store: Store, base: str
) -> None:
    """What a client whose URL begins with our host's name could have our own relay sign."""
    call = store.placed()
    connect = await listen(PUBLIC_BASE_URL=base)
    target = f"munity://x{STATUS}?call={call}"
    form = event(3)
    body = urlencode(form)
    head = f"POST {target} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {FORM}\r\nContent-Length: {len(body)}\r\n"
    link = await connect()
    link.writer.write(f"{head}{HEADER}: {sign(base + target, list(form.items()), AUTH_TOKEN)}\r\n\r\n{body}".encode())
    status = await link.reader.readuntil(b"\r\n")

    assert int(status.split()[1]) in {400, 403, 404}
    assert store.state(call) == "placed"


NUMBERS = {"To": "+12025550100", "From": "+15005550006"}


@pytest.mark.parametrize(
    ("known", "form", "query"),
    [
        (True, {"CallSid": "CA2", **NUMBERS}, ""),
        (True, {"CallSid": "CA1", **NUMBERS}, "&attempt=2"),
        (True, {"CallSid": "CA1", **NUMBERS}, "&attempt=x"),
        (False, {"CallSid": "CA2"}, ""),
        (False, {"CallSid": "CA2", **NUMBERS, "To": "+12025550199"}, ""),
        (False, {"CallSid": "CA2", **NUMBERS, "From": "+12025550199"}, ""),
    ],
)
async def test_nobody_hears_what_another_call_is_told(
    public: Client, store: Store, known: bool, form: dict[str, str], query: str
) -> None:
    call = store.placed(sid="CA1") if known else store.dialling()
    before = store.task(call)
    status, text = await post(public, f"{ANSWER}?call={call}{query}", form)

    assert (status, "Say" in text) == (403, False)
    assert store.task(call) == before


@pytest.mark.parametrize("query", ["", "&attempt=1"])
async def test_an_answered_call_is_told_its_message_before_its_sid_is_known_too(
    public: Client, store: Store, query: str
) -> None:
    call = store.dialling()

    assert (await post(public, f"{ANSWER}?call={call}{query}", {"CallSid": "CA2", **NUMBERS}))[0] == 200


async def test_who_answered_is_stored_when_it_comes_with_the_answer(public: Client, store: Store) -> None:
    call = store.placed()
    form = {"CallSid": "CA1", "CallStatus": "in-progress", "AnsweredBy": "machine_end_beep"}

    assert (await post(public, f"{ANSWER}?call={call}", form))[0] == 200
    assert store.task(call)["answered_by"] == "machine_end_beep"


async def test_a_post_with_a_shared_key_of_twilios_is_accepted(start: Start, store: Store) -> None:
    client = await start(PUBLIC_BASE_URL=PUBLIC, TWILIO_WEBHOOK_KEYS="key1:shared")
    call = store.placed()
    path, form = f"{STATUS}?call={call}", event(1)
    headers = {
        "Content-Type": FORM,
        SETTINGS_HEADER: "key=key1,algorithm=HMAC_SHA256",
        HEADER: RequestValidator("shared").compute_signature(PUBLIC + path, form, "HMAC_SHA256"),
    }
    async with client.http.post(path, data=urlencode(form).encode(), headers=headers) as answer:
        assert answer.status == 204
    assert store.task(call)["call_status"] == "ringing"
