"""A request for a call is answered as Twilio does: status, code, message, fields."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.simulator.conftest import ACCOUNT_SID, FROM, GOOD, SILENCE, TO, Running


async def test_a_created_call_has_every_field_of_the_official_sdk(simulator: Running) -> None:
    client = simulator.client()
    call = await asyncio.to_thread(client.calls.create, to=TO, from_=FROM, twiml=SILENCE)
    assert re.fullmatch(r"CA[0-9a-f]{32}", call.sid)
    assert (call.status, call.direction, call.to) == ("queued", "outbound-api", TO)
    assert (call.account_sid, call.api_version) == (ACCOUNT_SID, "2010-04-01")
    assert (call.date_created, call.date_updated) == (None, None)
    assert isinstance(call.queue_time, str)
    assert call.start_time is None
    assert call.end_time is None
    assert call.duration is None
    assert call.from_formatted == "(555) 200-9999"
    assert call.uri.endswith(f"/Calls/{call.sid}.json")
    assert "notifications" in call.subresource_uris


async def test_the_dates_that_the_201_leaves_out_are_told_later(simulator: Running) -> None:
    client = simulator.client()
    call = await asyncio.to_thread(client.calls(await simulator.call()).fetch)
    for date in (call.date_created, call.date_updated):
        assert abs(datetime.now(UTC) - date) < timedelta(seconds=5)


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"To": ""}, 21201),
        ({"From": ""}, 21213),
        ({"To": "5551230001"}, 21211),
        ({"To": "+05551230001"}, 21211),
        ({"To": "+1555223000123456"}, 21211),
        ({"To": FROM}, 21211),
        ({"From": "nobody"}, 21212),
        ({"Twiml": ""}, 21205),
        ({"Url": "ftp://example.com/x"}, 21205),
        ({"Url": "not a url"}, 21205),
        ({"Twiml": "x" * 4001}, 32018),
        ({"StatusCallback": "http://bad_host/x"}, 21609),
        ({"StatusCallback": "/relative"}, 21609),
        ({"Timeout": "601"}, 21208),
        ({"Timeout": "soon"}, 21208),
        ({"SendDigits": "hello"}, 21206),
        ({"Url": "http://example.com/", "Method": "PUT"}, 21209),
        ({"To": "+15005550001"}, 21217),
        ({"To": "+15005550002"}, 21214),
        ({"To": "+15005550003"}, 21215),
        ({"To": "+15005550004"}, 21216),
        ({"From": "+15005550001"}, 21212),
    ],
)
async def test_a_wrong_form_gets_twilios_code_and_creates_nothing(
    simulator: Running, form: dict[str, str], code: int
) -> None:
    status, body = await simulator.post(GOOD | form)
    assert (status, body["code"], body["status"]) == (400, code, 400)
    assert body["more_info"].endswith(f"/{code}")
    report = await simulator.control("GET", "calls")
    assert report["calls"] == []
    assert report["requests"][0]["outcome"] == "refused"


LONG_URL = "https://example.com/" + "x" * 4000
CALLBACKS = ("StatusCallback", "AsyncAmdStatusCallback", "RecordingStatusCallback")
METHODS = ("Method", "FallbackMethod", *(f"{name}Method" for name in CALLBACKS))


async def code_of(simulator: Running, **form: str) -> int | None:
    """Twilio's code in the answer to a form that is good but for these fields; None if a call was created."""
    status, body = await simulator.post(GOOD | form)
    assert status == (400 if "code" in body else 201)
    assert (await simulator.control("GET", "summary"))["created"] == int(status == 201)
    return int(body["code"]) if "code" in body else None


@pytest.mark.parametrize("name", METHODS)
async def test_each_method_is_get_or_post(simulator: Running, name: str) -> None:
    assert await code_of(simulator, **{name: "PUT"}) == 21209
    assert await code_of(simulator, **{name: "GET"}) is None


@pytest.mark.parametrize(
    ("name", "code"), [("Url", 21205), ("FallbackUrl", 21205), *((name, 21609) for name in CALLBACKS)]
)
@pytest.mark.parametrize("url", [LONG_URL, "not a url", "http://bad_host/x", "ftp://example.com/"])
async def test_each_url_is_one_of_at_most_4000_characters(simulator: Running, name: str, code: int, url: str) -> None:
    assert await code_of(simulator, **{name: url}) == code
    assert await code_of(simulator, **{name: LONG_URL[:4000]}) is None


@pytest.mark.parametrize(
    ("name", "lowest", "highest", "code"),
    [
        ("Timeout", 1, 600, 21208),
        ("TimeLimit", 1, 86_400, 20001),
        ("MachineDetectionTimeout", 3, 59, 21234),
        ("MachineDetectionSpeechThreshold", 1000, 6000, 21234),
        ("MachineDetectionSpeechEndThreshold", 500, 5000, 21234),
        ("MachineDetectionSilenceTimeout", 2000, 10_000, 21234),
    ],
)
async def test_each_number_has_twilios_bounds(
    simulator: Running, name: str, lowest: int, highest: int, code: int
) -> None:
    for wrong in (lowest - 1, highest + 1, "soon", "1.5", "-5", "9" * 30, "\u0665\u0665\u0665\u0665"):
        assert await code_of(simulator, **{name: str(wrong)}) == code, wrong
    for right in (lowest, highest):
        await simulator.control("DELETE", "calls")
        assert await code_of(simulator, **{name: str(right)}) is None, right


@pytest.mark.parametrize(
    ("name", "wrong", "right", "code"),
    [
        ("MachineDetection", "Maybe", "Enable DetectMessageEnd", 21234),
        ("AsyncAmd", "perhaps", "true false", 20001),
        ("Record", "yes", "true false", 20001),
        ("RecordingChannels", "quadro", "mono dual", 20001),
        ("RecordingTrack", "none", "inbound outbound both", 20001),
        ("RecordingStatusCallbackEvent", "started", "in-progress completed absent", 20001),
        ("Trim", "true", "trim-silence do-not-trim", 20001),
        ("SendDigits", "1" * 33, "ww1234# 0*ABCDW", 21206),
        ("CallReason", "x" * 51, "reminder", 20001),
        ("ApplicationSid", "AP1", "AP" + "0" * 32, 21218),
        ("CallerId", "nobody", "+12025550123 client:ann sip:ann@example.com", 21212),
    ],
)
async def test_each_word_is_one_that_twilio_knows(
    simulator: Running, name: str, wrong: str, right: str, code: int
) -> None:
    assert await code_of(simulator, **{name: wrong}) == code
    for word in right.split():
        await simulator.control("DELETE", "calls")
        assert await code_of(simulator, **{name: word}) is None, word


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("+18667786", 21211),
        ("+17890987654465", 21211),
        ("+1202555012", 21211),
        ("+120255501234", 21211),
        ("+11025550123", 21211),
        ("+10025550123", 21211),
        ("+12021550123", 21211),
        ("+12020550123", 21211),
        ("+1911", 21202),
        ("+1933", 21202),
        ("+911", 21202),
        ("+112", 21202),
        ("+44999", 21202),
        ("+19005550123", 21202),
        ("+12029760123", 21202),
    ],
)
async def test_a_number_that_nobody_can_have_or_nobody_may_call_is_refused(
    simulator: Running, number: str, code: int
) -> None:
    assert await code_of(simulator, To=number) == code


@pytest.mark.parametrize("number", ["+18667786", "+17890987654465", "+11025550123", "+1911"])
async def test_a_caller_id_that_nobody_can_have_is_refused(simulator: Running, number: str) -> None:
    assert await code_of(simulator, From=number) == 21212


@pytest.mark.parametrize("number", ["+1234567890", "+1234567891", "+1234567892", "+1234567893", "+1987654321"])
async def test_the_numbers_of_the_api_document_are_fictional_ones_that_answer(simulator: Running, number: str) -> None:
    call = await simulator.ended(await simulator.call(number))
    assert (call["status"], call["sip_response_code"]) == ("completed", 200)
    assert (await simulator.post(GOOD | {"From": number}))[0] == 201


@pytest.mark.parametrize("number", ["+442079460123", "+4930123456", "+999999999999999", "+12029110123"])
async def test_other_numbers_of_the_right_shape_are_called(simulator: Running, number: str) -> None:
    assert await code_of(simulator, To=number) is None


async def test_geo_permission_refusal_has_twilios_message(simulator: Running) -> None:
    _, body = await simulator.post(GOOD | {"To": "+15005550003"})
    assert body["message"] == (
        "Account not authorized to call +15005550003. Perhaps you need to enable some "
        "international permissions: "
        "https://www.twilio.com/console/voice/calls/geo-permissions/low-risk"
    )


@pytest.mark.parametrize("number", ["+15005550006", "+44", "+999999999999999", "+15005550005"])
async def test_any_other_caller_id_of_the_right_shape_is_fine(simulator: Running, number: str) -> None:
    status, _ = await simulator.post(GOOD | {"From": number})
    assert status == 201
