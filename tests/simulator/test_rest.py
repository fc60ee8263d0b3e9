"""The REST API answers as Twilio's: status, code, message, fields; the official SDK can read it."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.simulator.conftest import ACCOUNT_SID, AUTH_TOKEN, FROM, SILENCE, Running, basic, until

TO = "+15551230001"
GOOD = {"To": TO, "From": FROM, "Twiml": SILENCE}


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


async def test_a_finished_call_tells_duration_times_and_late_price(simulator: Running) -> None:
    sid = await simulator.call()
    await simulator.ended(sid)
    client = simulator.client()

    async def priced() -> Any:
        call = await asyncio.to_thread(client.calls(sid).fetch)
        return call if call.price else None

    call = await until(priced)
    assert call.status == "completed"
    assert 8 <= int(call.duration) <= 12
    assert call.start_time <= call.end_time
    assert (call.price, call.price_unit) == ("-0.01400", "USD")


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


@pytest.mark.parametrize(
    ("user", "password", "status", "code"),
    [
        (ACCOUNT_SID, "wrong", 401, 20003),
        ("AC" + "1" * 32, AUTH_TOKEN, 401, 20003),
        (ACCOUNT_SID, AUTH_TOKEN, 201, None),
    ],
)
async def test_credentials_are_checked(
    simulator: Running, user: str, password: str, status: int, code: int | None
) -> None:
    headers = basic(user, password)
    url = simulator.calls_url + ".json"
    async with simulator.http.post(url, data=GOOD, headers=headers) as answer:
        assert answer.status == status
        assert (await answer.json()).get("code") == code


@pytest.mark.parametrize("header", ["", "Bearer x", "Basic !!!", "Basic eA==", "Basic gICA"])
async def test_bad_authorization_headers_get_401(simulator: Running, header: str) -> None:
    headers = {"Authorization": header}
    url = simulator.calls_url + ".json"
    async with simulator.http.post(url, data=GOOD, headers=headers) as answer:
        assert answer.status == 401


async def test_another_accounts_path_is_not_found(simulator: Running) -> None:
    url = simulator.calls_url.replace(ACCOUNT_SID, "AC" + "1" * 32) + ".json"
    headers = basic()
    async with simulator.http.get(url, headers=headers) as answer:
        assert answer.status == 404


async def test_without_configured_credentials_any_account_may_use_its_own_path(start: Any) -> None:
    running = await start(account_sid=None, auth_token=None)
    for user, status in ((ACCOUNT_SID, 201), ("AC" + "1" * 32, 401)):
        headers = basic(user, "anything")
        async with running.http.post(running.calls_url + ".json", data=GOOD, headers=headers) as answer:
            assert answer.status == status


async def test_an_unknown_sid_is_20404(simulator: Running) -> None:
    client = simulator.client()
    with pytest.raises(TwilioRestException) as caught:
        await asyncio.to_thread(client.calls("CA" + "0" * 32).fetch)
    assert (caught.value.status, caught.value.code) == (404, 20404)


async def test_lists_page_through_everything_once_newest_first(simulator: Running) -> None:
    sids = [await simulator.call(f"+1555123{number:04}") for number in range(2000, 2025)]
    client = simulator.client()
    listed = await asyncio.to_thread(client.calls.list, page_size=10)
    assert [call.sid for call in listed] == sids[::-1]


async def test_pages_stay_put_when_calls_are_created_meanwhile(simulator: Running) -> None:
    sids = [await simulator.call(f"+1555123{number:04}") for number in range(2000, 2010)]
    client = simulator.client()
    first = await asyncio.to_thread(client.calls.page, page_size=4)
    assert [call.sid for call in first] == sids[:-5:-1]
    await simulator.call("+15551239999")
    second = await asyncio.to_thread(first.next_page)
    assert [call.sid for call in second] == sids[5:1:-1]
    back = await asyncio.to_thread(second.previous_page)
    assert [call.sid for call in back] == sids[:-5:-1]
    third = await asyncio.to_thread(second.next_page)
    assert [call.sid for call in third] == sids[1::-1]
    assert await asyncio.to_thread(third.next_page) is None


async def test_the_envelope_has_twilios_members(simulator: Running) -> None:
    await simulator.call()
    headers = basic()
    async with simulator.http.get(simulator.calls_url + ".json?PageSize=9", headers=headers) as answer:
        body = await answer.json()
    assert set(body) == {
        *("calls", "page", "page_size", "first_page_uri", "next_page_uri"),
        *("previous_page_uri", "uri", "start", "end"),
    }
    assert (body["page"], body["page_size"], body["next_page_uri"]) == (0, 9, None)


async def test_filters_select_by_number_status_and_time(start: Any) -> None:
    simulator = await start(answer_after_seconds=1000.0)
    one = await simulator.call("+15551230001")
    two = await simulator.call("+15551230002", From="+15550001111")
    client = simulator.client()

    async def list_of(**filters: Any) -> list[str]:
        return [call.sid for call in await asyncio.to_thread(client.calls.list, **filters)]

    async def both_ring() -> bool:
        return await list_of(status="ringing") == [two, one]

    await until(both_ring)
    now = datetime.now(UTC)
    hour = timedelta(hours=1)
    assert await list_of(to="+15551230001") == [one]
    assert await list_of(from_="+15550001111") == [two]
    assert await list_of(to="+15551230001", from_="+15550001111") == []
    assert await list_of(status="completed") == []
    assert await list_of(start_time_after=now - hour, start_time_before=now + hour) == [two, one]
    assert await list_of(start_time_after=now + hour) == []
    assert await list_of(start_time=now.date()) == [two, one]
    assert await list_of(start_time_before=now.date() - timedelta(days=1)) == []
    assert await list_of(end_time_after=now - hour) == []


async def test_a_call_still_queued_has_no_start_time_to_filter_by(start: Any) -> None:
    simulator = await start(calls_per_second=0.01)
    await simulator.call()
    waiting = await simulator.call()
    client = simulator.client()
    listed = await asyncio.to_thread(client.calls.list, status="queued")
    assert waiting in [call.sid for call in listed]
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    started = await asyncio.to_thread(client.calls.list, start_time_after=hour_ago)
    assert waiting not in [call.sid for call in started]


async def test_canceled_ends_a_ringing_call_and_leaves_one_in_progress(start: Any) -> None:
    simulator = await start(talk_seconds=3000.0)
    await simulator.control("PUT", "numbers/+15551230001", {"ring_seconds": 50})
    await simulator.control("PUT", "numbers/+15551230002", {"ring_seconds": 0})
    client = simulator.client()
    ringing, talking = await simulator.call("+15551230001"), await simulator.call("+15551230002")

    async def ready() -> bool:
        states = [(await simulator.oracle(sid))["status"] for sid in (ringing, talking)]
        return states == ["ringing", "in-progress"]

    await until(ready)
    ended = await asyncio.to_thread(client.calls(ringing).update, status="canceled")
    assert ended.status == "canceled"
    unaffected = await asyncio.to_thread(client.calls(talking).update, status="canceled")
    assert unaffected.status == "in-progress"
    hung_up = await asyncio.to_thread(client.calls(talking).update, status="completed")
    assert hung_up.status == "completed"
    for sid in (ringing, talking):
        with pytest.raises(TwilioRestException) as caught:
            await asyncio.to_thread(client.calls(sid).update, status="completed")
        assert (caught.value.status, caught.value.code) == (400, 21220)


async def test_a_live_call_is_not_deleted_and_an_ended_one_only_from_the_api(start: Any) -> None:
    simulator = await start(talk_seconds=3000.0)
    sid = await simulator.call()
    client = simulator.client()
    with pytest.raises(TwilioRestException):
        await asyncio.to_thread(client.calls(sid).delete)
    await asyncio.to_thread(client.calls(sid).update, status="completed")
    assert await asyncio.to_thread(client.calls(sid).delete)
    with pytest.raises(TwilioRestException) as caught:
        await asyncio.to_thread(client.calls(sid).fetch)
    assert caught.value.status == 404
    assert (await simulator.oracle(sid))["deleted"] is True


async def test_the_account_can_be_read_by_the_sdk(simulator: Running) -> None:
    client = simulator.client()
    account = await asyncio.to_thread(client.api.accounts(ACCOUNT_SID).fetch)
    assert account.status == "active"


async def test_unknown_paths_answer_in_twilios_form(simulator: Running) -> None:
    async with simulator.http.get(f"{simulator.base_url}/2010-04-01/Nothing.json") as answer:
        assert answer.status == 404
        assert (await answer.json())["code"] == 20404
