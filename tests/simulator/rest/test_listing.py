"""Lists of calls as Twilio gives them: pages, filters, order; the official SDK can read them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.simulator.conftest import ACCOUNT_SID, Running, basic, until


async def test_lists_page_through_everything_once_newest_first(simulator: Running) -> None:
    sids = [await simulator.call(f"+1555223{number:04}") for number in range(2000, 2025)]
    client = simulator.client()
    listed = await asyncio.to_thread(client.calls.list, page_size=10)
    assert [call.sid for call in listed] == sids[::-1]


async def test_pages_stay_put_when_calls_are_created_meanwhile(simulator: Running) -> None:
    sids = [await simulator.call(f"+1555223{number:04}") for number in range(2000, 2010)]
    client = simulator.client()
    first = await asyncio.to_thread(client.calls.page, page_size=4)
    assert [call.sid for call in first] == sids[:-5:-1]
    await simulator.call("+15552239999")
    second = await asyncio.to_thread(first.next_page)
    assert [call.sid for call in second] == sids[5:1:-1]
    back = await asyncio.to_thread(second.previous_page)
    assert [call.sid for call in back] == sids[:-5:-1]
    third = await asyncio.to_thread(second.next_page)
    assert [call.sid for call in third] == sids[1::-1]
    assert await asyncio.to_thread(third.next_page) is None


async def test_the_uri_of_a_page_shows_that_page_again_whatever_is_created_meanwhile(simulator: Running) -> None:
    sids = [await simulator.call(f"+1555223{number:04}") for number in range(2000, 2008)]

    async def page(uri: str) -> Any:
        async with simulator.http.get(simulator.base_url + uri, headers=basic()) as answer:
            return await answer.json()

    first = await page(f"/2010-04-01/Accounts/{ACCOUNT_SID}/Calls.json?PageSize=3")
    second = await page(first["next_page_uri"])
    await simulator.call("+15552239999")
    for uri, shown in ((second["uri"], sids[4:1:-1]), (second["previous_page_uri"], sids[:4:-1])):
        body = await page(uri)
        assert [call["sid"] for call in body["calls"]] == shown
        again = await page(body["uri"])
        assert [call["sid"] for call in again["calls"]] == shown


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
    one = await simulator.call("+15552230001")
    two = await simulator.call("+15552230002", From="+15552001111")
    client = simulator.client()

    async def list_of(**filters: Any) -> list[str]:
        return [call.sid for call in await asyncio.to_thread(client.calls.list, **filters)]

    async def both_ring() -> bool:
        return await list_of(status="ringing") == [two, one]

    await until(both_ring)
    now = datetime.now(UTC)
    hour = timedelta(hours=1)
    assert await list_of(to="+15552230001") == [one]
    assert await list_of(from_="+15552001111") == [two]
    assert await list_of(to="+15552230001", from_="+15552001111") == []
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
