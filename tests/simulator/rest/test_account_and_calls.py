"""The REST API answers as Twilio's about credentials, paths, and calls that there are; the official SDK can read it."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.simulator.conftest import ACCOUNT_SID, AUTH_TOKEN, GOOD, Running, basic, until


async def test_a_finished_call_tells_duration_times_and_late_price(simulator: Running) -> None:
    sid = await simulator.call()
    await simulator.ended(sid)
    client = simulator.client()

    async def priced() -> Any:
        call = await asyncio.to_thread(client.calls(sid).fetch)
        return call if call.price else None

    call = await until(priced)
    assert call.status == "completed"
    assert 8 <= int(call.duration) < 600  # some ten, a hundred times as fast
    assert call.start_time <= call.end_time
    assert (call.price, call.price_unit) == ("-0.01400", "USD")


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
        assert answer.headers["WWW-Authenticate"].startswith("Basic realm=")


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


async def test_canceled_ends_a_ringing_call_and_leaves_one_in_progress(start: Any) -> None:
    simulator = await start(talk_seconds=3000.0)
    await simulator.control("PUT", "numbers/+15552230001", {"ring_seconds": 50})
    await simulator.control("PUT", "numbers/+15552230002", {"ring_seconds": 0})
    client = simulator.client()
    ringing, talking = await simulator.call("+15552230001"), await simulator.call("+15552230002")

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


@pytest.mark.parametrize("path", ["/2010-04-01/Nothing.json", "/2010-04-01/Accounts", "/Accounts/x/Calls.json", "/x"])
async def test_unknown_paths_answer_in_twilios_form(simulator: Running, path: str) -> None:
    async with simulator.http.get(simulator.base_url + path) as answer:
        assert answer.status == 404
        assert (await answer.json())["code"] == 20404


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "Calls.json", "GET, POST"),
        ("DELETE", "Calls.json", "GET, POST"),
        ("PATCH", "Calls.json", "GET, POST"),
        ("PUT", "Calls/{sid}.json", "DELETE, GET, POST"),
        ("PATCH", "Calls/{sid}.json", "DELETE, GET, POST"),
        ("PUT", ".json", "GET"),
        ("DELETE", ".json", "GET"),
    ],
)
async def test_a_method_that_a_resource_has_not_is_20004(
    simulator: Running, method: str, path: str, allowed: str
) -> None:
    path = path.replace("{sid}", await simulator.call())
    url = f"{simulator.base_url}/2010-04-01/Accounts/{ACCOUNT_SID}{'' if path == '.json' else '/'}{path}"
    async with simulator.http.request(method, url, headers=basic()) as answer:
        assert (answer.status, (await answer.json())["code"]) == (405, 20004)
        assert answer.headers["Allow"] == allowed


async def test_a_body_that_is_too_large_is_refused_in_twilios_form(simulator: Running) -> None:
    url = simulator.calls_url + ".json"
    async with simulator.http.post(url, data=io.BytesIO(b"x" * 2_000_000), headers=basic()) as answer:
        body = await answer.json()
        assert (answer.status, body["code"], body["status"]) == (413, 20413, 413)
    assert (await simulator.post(GOOD))[0] == 201
