"""PATCH /tasks/{id} of hours, pace and end: nothing is left that could never go; the next call keeps the new gap."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from schemas import keys
from schemas.hours.plan import Policy
from schemas.scripts.outcome import placed
from tests.app.client import Client
from tests.app.conftest import Start
from tests.app.refusal import refused
from tests.app.test_campaign_windows import ALWAYS, in_hours, sweep
from tests.app.test_retrying import NUMBERS, patch
from tests.scripts.conftest import Store

NARROW = {"windows": [{**ALWAYS["windows"][0], "start": "09:00", "end": "11:00"}]}
ANYWHERE, NOWHERE, NEW_YORK = "+18005550100", "+1987654321", "+12125550100"


async def bulk(client: Client, *numbers: str, **fields: Any) -> str:
    return await client.queue("queue-bulk-calls", {"phone_numbers": numbers, "delay_between_calls": 1} | fields)


@pytest.mark.parametrize(("number", "word"), [(NOWHERE, "no_zone"), (ANYWHERE, "no_common_hour")])
@pytest.mark.parametrize("earlier", [{}, {"calling_windows": ALWAYS | {"timezone": "Europe/Berlin"}}], ids=str)
async def test_hours_that_a_number_that_waits_never_has_are_refused_as_when_it_is_queued(
    client: Client, store: Store, number: str, word: str, earlier: Any
) -> None:
    task_id = await bulk(client, NEW_YORK, number, **earlier)
    sweep(store, Policy())
    before = store.task(task_id)
    errors = refused(await patch(client, task_id, {"calling_windows": NARROW}), 400)["errors"]
    (sentence,) = errors["calling_windows"]
    assert sentence.startswith(f"{word}: ")
    assert sentence.endswith(f"So it is with {task_id}-2, which waits.")
    assert store.task(task_id) == before
    assert (await patch(client, task_id, {"calling_windows": NARROW | {"timezone": "Asia/Tokyo"}})).status == 200


async def test_what_is_over_or_knows_its_zone_keeps_nobody_from_new_hours(client: Client, store: Store) -> None:
    known = {"to_number": ANYWHERE, "external_id": "known", "timezone": "Europe/Berlin"}
    people = [{"to_number": NEW_YORK}, known, {"to_number": ANYWHERE}]
    task_id = await client.queue("queue-bulk-calls", {"recipients": people})
    assert f"{task_id}-3" in refused(await patch(client, task_id, {"calling_windows": NARROW}), 400)["detail"]
    for mark in "rdl":
        store.redis.set(keys.marks(task_id), f"ww{mark}")
        assert (await patch(client, task_id, {"calling_windows": NARROW})).status == 400
    store.redis.set(keys.marks(task_id), "wwb")
    assert (await patch(client, task_id, {"calling_windows": NARROW})).status == 200


async def test_a_number_behind_the_first_thousand_is_looked_at_too(client: Client) -> None:
    task_id = await bulk(client, *(f"+1212{index:07d}" for index in range(2_000_000, 2_001_000)))
    assert (await client.post(f"tasks/{task_id}/recipients", {"phone_numbers": [ANYWHERE]})).status == 200
    assert f"{task_id}-1001," in refused(await patch(client, task_id, {"calling_windows": NARROW}), 400)["detail"]


async def test_the_operators_hours_count_besides_the_new_ones(start: Start) -> None:
    client = await start(CALLING_WINDOWS="mon-sun 12:00-20:00")
    task_id = await bulk(client, NEW_YORK)
    assert list(refused(await patch(client, task_id, {"calling_windows": NARROW}), 400)["errors"]) == [
        "calling_windows"
    ]


@pytest.mark.parametrize("path", ["queue-bulk-calls", "schedule-call"])
async def test_new_hours_are_held_to_the_start_that_comes_with_them(client: Client, path: str) -> None:
    numbers = {"phone_numbers": [NEW_YORK]} if path == "queue-bulk-calls" else {"to_number": NEW_YORK}
    soon, late = in_hours(1), in_hours(30 * 24)
    off = [(datetime.now(UTC) + timedelta(days=day)).date().isoformat() for day in range(20, 60)]
    hours = {"calling_windows": ALWAYS | {"days_off": off}}
    task_id = await client.queue(path, numbers | {"schedule_time": soon})
    refusal = refused(await patch(client, task_id, hours | {"schedule_time": late}), 400)
    assert refusal["errors"]["calling_windows"][0].startswith("no_common_hour: ")
    task_id = await client.queue(path, numbers | {"schedule_time": late})
    refused(await patch(client, task_id, hours), 400)
    assert (await patch(client, task_id, hours | {"schedule_time": soon})).status == 200
    if path == "queue-bulk-calls":
        task_id = await client.queue(path, numbers | {"schedule_time": late})
        assert (await patch(client, task_id, hours | {"schedule_time": None})).status == 200


@pytest.mark.parametrize(("before", "after"), [(300, 2), (2, 300)])
async def test_the_next_call_goes_by_the_new_delay_from_when_the_last_one_went(
    client: Client, store: Store, before: int, after: int
) -> None:
    task_id = await bulk(client, *NUMBERS[:3], delay_between_calls=before)
    assert len(store.ledger.admit(50)) == 1
    assert (await patch(client, task_id, {"delay_between_calls": after})).status == 200
    store.pass_time(after - 1.5)
    assert store.ledger.admit(50) == []
    store.pass_time(2)
    assert len(store.ledger.admit(50)) == 1


@pytest.mark.parametrize("path", ["queue-bulk-calls", "schedule-call", "queue-single-call"])
async def test_an_end_before_the_start_is_refused_as_when_it_is_queued(client: Client, store: Store, path: str) -> None:
    numbers = {"phone_numbers": NUMBERS[:1]} if path == "queue-bulk-calls" else {"to_number": NUMBERS[0]}
    when = {"delay_seconds": 3600} if path == "queue-single-call" else {"schedule_time": in_hours(1)}
    task_id = await client.queue(path, numbers | when)
    refusal = refused(await patch(client, task_id, {"expires_at": in_hours(0.5)}), 400)
    assert refusal["errors"]["expires_at"][0].startswith("Must be later than the start, ")
    sooner = {"expires_at": in_hours(0.5), "schedule_time": in_hours(0.25)}
    assert (await patch(client, task_id, sooner)).status == 200
    assert (await patch(client, task_id, {"expires_at": in_hours(2)})).status == 200


@pytest.mark.parametrize("path", ["queue-bulk-calls", "queue-single-call"])
async def test_what_would_be_tried_again_behind_its_end_is_refused(client: Client, store: Store, path: str) -> None:
    numbers = {"phone_numbers": NUMBERS[:1]} if path == "queue-bulk-calls" else {"to_number": NUMBERS[0]}
    task_id = await client.queue(path, numbers | {"expires_at": in_hours(1)})
    for when, field in (({"delay_seconds": 7200}, "delay_seconds"), ({"schedule_time": in_hours(1)}, "schedule_time")):
        answer = await client.post(f"tasks/{task_id}/retry", {"outcomes": ["busy"], **when})
        assert list(refused(answer, 400)["errors"]) == [field]
    assert (await client.post(f"tasks/{task_id}/retry", {"outcomes": ["busy"], "delay_seconds": 60})).status == 200


@pytest.mark.parametrize("path", ["queue-bulk-calls", "queue-single-call"])
async def test_another_end_or_start_is_held_to_the_hours_that_the_task_keeps(
    client: Client, store: Store, path: str
) -> None:
    numbers = {"phone_numbers": [NEW_YORK]} if path == "queue-bulk-calls" else {"to_number": NEW_YORK}
    off = [(datetime.now(UTC) + timedelta(days=day)).date().isoformat() for day in range(-1, 4)]
    task_id = await client.queue(path, numbers | {"calling_windows": ALWAYS | {"days_off": off}})
    sweep(store, Policy())
    before = store.task(task_id)
    refusal = refused(await patch(client, task_id, {"expires_at": in_hours(24)}), 400)
    assert refusal["errors"]["expires_at"][0].startswith("no_common_hour: ")
    assert store.task(task_id) == before
    assert (await patch(client, task_id, {"expires_at": in_hours(7 * 24)})).status == 200
    if path == "queue-bulk-calls":
        start = {"schedule_time": in_hours(24)}
        assert (await patch(client, task_id, start | {"expires_at": None})).status == 200
        assert list(refused(await patch(client, task_id, start | {"expires_at": in_hours(30)}), 400)["errors"]) == [
            "expires_at"
        ]


async def test_a_call_under_way_that_gets_other_hours_is_tried_again_when_they_open_next(
    client: Client, store: Store
) -> None:
    """It was tried again at once, within those in which it had been called."""
    here = datetime.now(ZoneInfo("America/New_York"))
    began, ends, closes, opens = ((here + timedelta(hours=hours)).strftime("%H:00") for hours in (-1, 2, 3, 4))
    for new, due_at in (((began, closes), closes), ((opens, began), opens)):
        hours = {"windows": [{**ALWAYS["windows"][0], "start": began, "end": ends}]}
        body = {"to_number": NEW_YORK, "retry": {"max_attempts": 3, "next_window": True}, "calling_windows": hours}
        call = await client.queue("queue-single-call", body)
        assert store.ledger.admit(50) == [call]
        store.ledger.begin(call, "first")
        store.outcome(call, placed(f"CA{due_at}", "queued", 60))
        other = {"windows": [{**ALWAYS["windows"][0], "start": new[0], "end": new[1]}]}
        assert (await patch(client, call, {"calling_windows": other})).status == 200
        store.callback(call, "busy")
        due = datetime.fromtimestamp(int(store.task(call)["due_ms"]) / 1000 + 10, here.tzinfo)
        assert (store.task(call)["state"], due.strftime("%H:00")) == ("waiting", due_at)
