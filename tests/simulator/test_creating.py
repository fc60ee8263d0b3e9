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
    assert abs(datetime.now(UTC) - call.date_created) < timedelta(seconds=5)
    assert isinstance(call.queue_time, str)
    assert call.start_time is None
    assert call.end_time is None
    assert call.duration is None
    assert call.from_formatted == "(555) 000-9999"
    assert call.uri.endswith(f"/Calls/{call.sid}.json")
    assert "notifications" in call.subresource_uris


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"To": ""}, 21201),
        ({"From": ""}, 21213),
        ({"To": "5551230001"}, 21211),
        ({"To": "+05551230001"}, 21211),
        ({"To": "+1555123000123456"}, 21211),
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
