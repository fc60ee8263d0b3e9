"""What makes a bad day can be ordered: proxies, refused accounts, storms, silence, and reads that lag behind."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import aiohttp
import pytest
from twilio.base.exceptions import TwilioRestException, TwilioServiceException

from tests.simulator.conftest import ACCOUNT_SID, GOOD, TO, Running, basic

OTHER = "+15552230002"


async def created(simulator: Running) -> int:
    return int((await simulator.control("GET", "summary"))["created"])


async def answer_to(simulator: Running, method: str = "POST", path: str = ".json", **form: str) -> Any:
    """Status, headers and body of one request, redirects not followed."""
    async with simulator.http.request(
        method,
        simulator.calls_url + path,
        data=form or None,
        headers=basic(),
        allow_redirects=False,
    ) as answer:
        return answer.status, answer.headers, await answer.text()


@pytest.mark.parametrize("made", [False, True])
@pytest.mark.parametrize("status", [200, 302, 307, 400, 404, 407, 408, 413, 425, 499, 500, 502, 504])
async def test_a_proxy_answers_in_its_own_words_whether_the_call_was_created_or_not(
    simulator: Running, status: int, made: bool
) -> None:
    await simulator.control("POST", "faults", {"kind": "proxy", "status": status, "created": made})
    got, headers, body = await answer_to(simulator, **GOOD)
    assert got == status
    assert headers["Content-Type"].startswith("text/html")
    assert "<html" in body
    assert "Twilio-Request-Id" not in headers
    assert ("Location" in headers) == (300 <= status < 400)
    assert ("Proxy-Authenticate" in headers) == (status == 407)
    assert await created(simulator) == made


async def test_a_proxy_redirects_to_where_it_is_told(simulator: Running) -> None:
    location = "http://127.0.0.1:9/login"
    await simulator.control("POST", "faults", {"kind": "proxy", "status": 307, "location": location})
    assert (await answer_to(simulator, **GOOD))[1]["Location"] == location


@pytest.mark.parametrize("kind", ["refuse", "unavailable", "error_before"])
async def test_an_error_answer_may_follow_a_call_that_was_created(simulator: Running, kind: str) -> None:
    await simulator.control("POST", "faults", {"kind": kind, "status": 504, "created": True})
    assert (await answer_to(simulator, **GOOD))[0] == 504
    assert await created(simulator) == 1


async def test_an_account_may_be_refused_for_writes_only(simulator: Running) -> None:
    sid = await simulator.call()
    order = {"kind": "refuse", "code": 10005, "status": 403, "on": "write", "times": None}
    await simulator.control("POST", "faults", order)
    status, _, body = await answer_to(simulator, **GOOD)
    assert (status, "10005" in body) == (403, True)
    assert (await answer_to(simulator, path=f"/{sid}.json", Status="completed"))[0] == 403
    assert (await answer_to(simulator, "DELETE", f"/{sid}.json"))[0] == 403
    assert (await answer_to(simulator, "GET", f"/{sid}.json"))[0] == 200
    assert (await answer_to(simulator, "GET"))[0] == 200
    await simulator.control("DELETE", "faults")
    assert (await answer_to(simulator, **GOOD))[0] == 201


async def test_an_account_may_be_refused_for_everything(simulator: Running) -> None:
    sid = await simulator.call()
    await simulator.control("POST", "faults", {"kind": "refuse", "code": 20003, "on": "any", "times": None})
    account = simulator.client().api.accounts(ACCOUNT_SID)
    with pytest.raises(TwilioRestException) as caught:
        await asyncio.to_thread(account.fetch)
    assert (caught.value.status, caught.value.code) == (401, 20003)
    for answer in (
        await answer_to(simulator, "GET"),
        await answer_to(simulator, "GET", f"/{sid}.json"),
        await answer_to(simulator, **GOOD),
    ):
        assert answer[0] == 401
        assert "WWW-Authenticate" in answer[1]


async def test_reads_alone_may_fail(simulator: Running) -> None:
    await simulator.control("POST", "faults", {"kind": "unavailable", "on": "read", "times": None})
    assert (await answer_to(simulator, "GET"))[0] == 503
    assert (await answer_to(simulator, **GOOD))[0] == 201


async def test_an_error_may_come_in_the_form_of_rfc_9457(simulator: Running) -> None:
    order = {"kind": "refuse", "code": 20005, "status": 403, "form": "problem", "times": None}
    await simulator.control("POST", "faults", order)
    with pytest.raises(TwilioServiceException) as caught:
        await asyncio.to_thread(simulator.client().calls.create, to=TO, from_=GOOD["From"], twiml=GOOD["Twiml"])
    assert (caught.value.status, caught.value.code) == (403, 20005)
    _, headers, _ = await answer_to(simulator, **GOOD)
    assert headers["Content-Type"].startswith("application/problem+json")


@pytest.mark.parametrize(("retry_after", "header"), [(None, None), (2, "2"), ("soon", "soon")])
async def test_a_storm_of_429_comes_with_or_without_retry_after(
    simulator: Running, retry_after: object, header: str | None
) -> None:
    await simulator.control("POST", "faults", {"kind": "too_many", "on": "any", "retry_after": retry_after})
    status, headers, _ = await answer_to(simulator, **GOOD)
    assert (status, headers.get("Retry-After")) == (429, header)


async def test_a_fault_may_last_for_a_time_and_begin_later(simulator: Running) -> None:
    ordering = time.monotonic()
    await simulator.control("POST", "faults", {"kind": "too_many", "begins_in_seconds": 0.4, "lasts_seconds": 0.4})
    ordered = time.monotonic()
    asked: list[tuple[float, int, float]] = []
    while not asked or asked[-1][0] < ordered + 0.8:
        before, (status, *_), after = time.monotonic(), await answer_to(simulator, **GOOD), time.monotonic()
        asked.append((before, status, after))
        await asyncio.sleep(0.02)
    assert {status for _, status, after in asked if after < ordering + 0.4} <= {201}
    assert {status for before, status, after in asked if ordered + 0.4 < before and after < ordering + 0.8} <= {429}
    assert {status for before, status, _ in asked if before > ordered + 0.8} == {201}
    assert {status for _, status, _ in asked} == {201, 429}
    assert await simulator.control("GET", "faults") == {"faults": []}


async def test_silence_creates_nothing_and_lasts_until_the_client_leaves(simulator: Running) -> None:
    await simulator.control("POST", "faults", {"kind": "hang", "created": False})
    timeout = aiohttp.ClientTimeout(total=0.3)
    with pytest.raises(TimeoutError):
        await simulator.http.post(simulator.calls_url + ".json", data=GOOD, headers=basic(), timeout=timeout)
    assert await created(simulator) == 0


async def test_reads_may_lag_behind_a_creation(simulator: Running) -> None:
    await simulator.control("POST", "faults", {"kind": "unseen", "on": "any", "seconds": 2, "times": None})
    sid = await simulator.call(TimeLimit="3600")
    began = time.monotonic()
    status, _, body = await answer_to(simulator, "GET", f"/{sid}.json")
    assert (status, "20404" in body) == (404, True)
    assert (await answer_to(simulator, path=f"/{sid}.json", Status="completed"))[0] == 404
    assert await asyncio.to_thread(simulator.client().calls.list, to=TO) == []
    assert (await simulator.oracle(sid))["sid"] == sid
    await asyncio.sleep(max(0.0, began + 2.1 - time.monotonic()))
    assert (await answer_to(simulator, "GET", f"/{sid}.json"))[0] == 200
    assert [call.sid for call in await asyncio.to_thread(simulator.client().calls.list, to=TO)] == [sid]


async def test_a_call_is_unseen_as_often_and_for_the_number_that_was_ordered(simulator: Running) -> None:
    order = {"kind": "unseen", "on": "update", "seconds": 60, "times": 2, "to": TO}
    await simulator.control("POST", "faults", order)
    sid, other = await simulator.call(), await simulator.call(OTHER)
    assert (await answer_to(simulator, "GET", f"/{sid}.json"))[0] == 200
    assert (await answer_to(simulator, path=f"/{other}.json", Status="completed"))[0] == 200
    updates = [(await answer_to(simulator, path=f"/{sid}.json", Status="completed"))[0] for _ in range(3)]
    assert updates == [404, 404, 200]


@pytest.mark.parametrize(
    "order",
    [
        {"kind": "slow", "created": False},
        {"kind": "proxy", "status": 199},
        {"kind": "refuse", "form": "xml"},
        {"kind": "too_many", "retry_after": []},
        {"kind": "too_many", "lasts_seconds": -1},
        {"kind": "proxy", "location": 7},
    ],
)
async def test_an_order_that_makes_no_sense_is_told_why(simulator: Running, order: object) -> None:
    async with simulator.http.post(f"{simulator.base_url}/simulator/faults", json=order) as answer:
        assert answer.status == 400
        assert (await answer.json())["detail"]
