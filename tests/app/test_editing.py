"""PATCH /tasks/{id} of options, and of when it begins."""

from typing import Any

import pytest

from schemas.hours.plan import Policy
from schemas.scripts.outcome import placed
from tests.app.client import Client
from tests.app.refusal import refused
from tests.app.test_campaign_windows import ALWAYS, in_hours, sweep
from tests.app.test_retrying import CAMPAIGN, NUMBERS, patch
from tests.scripts.conftest import Store


@pytest.mark.parametrize(
    ("path", "body"), [("queue-bulk-calls", CAMPAIGN), ("queue-single-call", {"to_number": NUMBERS[0]})]
)
async def test_options_get_other_values_and_null_brings_the_default_back(
    client: Client, store: Store, path: str, body: Any
) -> None:
    task_id = await client.queue(path, body)
    before = store.task(task_id)
    retry = {"max_attempts": 3, "delay_seconds": 60, "on": ["busy"]}
    edits = {"priority": "high", "ring_timeout_seconds": 30, "max_call_seconds": 60, "retry": retry}
    assert (await patch(client, task_id, edits)).status == 200
    task = store.task(task_id)
    assert (task["rank"], task["ring_timeout_seconds"], task["max_call_seconds"]) == ("1", "30", "60")
    assert (task["retry_most"], task["retry_seconds"]) == ("3", "60")
    assert (await patch(client, task_id, dict.fromkeys(edits))).status == 200
    left = {name: value for name, value in store.task(task_id).items() if not name.startswith("edit")}
    assert left == before | {"updated_ms": left["updated_ms"]}


async def test_a_retry_given_later_counts_for_what_ends_after_it(client: Client, store: Store) -> None:
    task_id = await client.queue("queue-bulk-calls", CAMPAIGN)
    (call,) = store.ledger.admit(50)
    store.ledger.begin(call, "CA1")
    store.outcome(call, placed("CA1", "queued", 60))
    await patch(client, task_id, {"retry": {"max_attempts": 2, "delay_seconds": 60}})
    store.callback(call, "busy")
    assert store.state(call) == "waiting"


async def test_a_priority_that_stands_in_the_metadata_stays_the_same_there(client: Client, store: Store) -> None:
    task_id = await client.queue("queue-bulk-calls", CAMPAIGN | {"call_metadata": {"priority": "low", "a": 1}})
    await patch(client, task_id, {"priority": "high"})
    await patch(client, task_id, {"call_metadata": {"b": 2}})
    assert store.task(task_id)["rank"] == "1"
    both = {"priority": "high", "call_metadata": {"priority": "low"}}
    assert list(refused(await patch(client, task_id, both), 400)["errors"]) == ["priority"]
    await patch(client, task_id, {"priority": None})
    assert (store.task(task_id)["rank"], store.task(task_id)["metadata"]) == ("2", '{"a":1,"b":2}')


@pytest.mark.parametrize(
    ("edits", "field"),
    [
        ({"send_digits": "1"}, "send_digits"),
        ({"record": None}, "record"),
        ({"priority": "urgent"}, "priority"),
        ({"ring_timeout_seconds": 5}, "ring_timeout_seconds"),
        ({"max_call_seconds": 14_401}, "max_call_seconds"),
        ({"retry": {"max_attempts": 0}}, "retry.max_attempts"),
        ({"retry": {"max_attempts": 2, "on": ["machine"]}}, "retry.on"),
        ({"retry": {"max_attempts": 2, "next_window": True}}, "retry.next_window"),
        ({"timezone": "Europe/Berlin"}, "timezone"),
        ({"timezone": None}, "timezone"),
        ({"schedule_time": "2020-01-01T00:00:00Z"}, "schedule_time"),
        ({"schedule_time": "tomorrow"}, "schedule_time"),
        ({"schedule_time": in_hours(3), "expires_at": in_hours(2)}, "schedule_time"),
    ],
)
async def test_what_cannot_be_is_refused_and_changes_nothing(
    client: Client, store: Store, edits: Any, field: str
) -> None:
    task_id = await client.queue("queue-bulk-calls", CAMPAIGN | {"schedule_time": in_hours(1)})
    before = store.task(task_id)
    assert list(refused(await patch(client, task_id, edits), 400)["errors"]) == [field]
    assert store.task(task_id) == before


@pytest.mark.parametrize("path", ["queue-bulk-calls", "schedule-call"])
async def test_it_begins_at_another_time_until_it_has_begun(client: Client, store: Store, path: str) -> None:
    body = CAMPAIGN if path == "queue-bulk-calls" else {"to_number": NUMBERS[0]}
    task_id = await client.queue(path, body | {"schedule_time": in_hours(1)})
    assert (await patch(client, task_id, {"schedule_time": in_hours(3)})).status == 200
    store.pass_time(2 * 3600)
    assert store.ledger.admit(50) == []
    assert (await patch(client, task_id, {"schedule_time": in_hours(0.5), "timezone": None})).status == 200
    store.pass_time(3600)
    assert len(store.ledger.admit(50)) == 1
    refusal = refused(await patch(client, task_id, {"schedule_time": in_hours(8)}), 400)
    assert refusal["errors"] == {"schedule_time": ["Cannot change: it has begun."]}


@pytest.mark.parametrize("path", ["queue-bulk-calls", "schedule-call"])
async def test_what_has_windows_is_planned_anew_from_its_new_time(client: Client, store: Store, path: str) -> None:
    body = CAMPAIGN if path == "queue-bulk-calls" else {"to_number": NUMBERS[0]}
    task_id = await client.queue(path, body | {"schedule_time": in_hours(3), "calling_windows": ALWAYS})
    sweep(store, Policy())
    assert (await patch(client, task_id, {"schedule_time": in_hours(1)})).status == 200
    sweep(store, Policy())
    assert store.ledger.admit(50) == []
    store.pass_time(3600)
    sweep(store, Policy())
    assert len(store.ledger.admit(50)) == 1


async def test_next_window_needs_the_windows_to_stay(client: Client, store: Store) -> None:
    retry = {"max_attempts": 2, "next_window": True}
    by_day = {"windows": [{**ALWAYS["windows"][0], "end": "23:00"}]}
    task_id = await client.queue("queue-bulk-calls", CAMPAIGN | {"calling_windows": by_day, "retry": retry})
    for windows in (None, ALWAYS):
        refusal = refused(await patch(client, task_id, {"calling_windows": windows}), 400)
        assert list(refusal["errors"]) == ["calling_windows"]
    by_night = {"windows": [{**ALWAYS["windows"][0], "start": "20:00", "end": "08:00"}]}
    assert (await patch(client, task_id, {"calling_windows": by_night})).status == 200
    assert (await patch(client, task_id, {"calling_windows": None, "retry": None})).status == 200
    assert not {"retry_most", "retry_marks"} & set(store.task(task_id))


@pytest.mark.parametrize(("number", "word"), [("+1987654321", "no_zone"), ("+18005550100", "no_common_hour")])
async def test_hours_in_which_a_call_could_never_leave_are_refused_as_when_it_is_queued(
    client: Client, store: Store, number: str, word: str
) -> None:
    task_id = await client.queue("queue-single-call", {"to_number": number})
    before = store.task(task_id)
    narrow = {"windows": [{**ALWAYS["windows"][0], "start": "09:00", "end": "11:00"}]}
    refusal = refused(await patch(client, task_id, {"calling_windows": narrow}), 400)
    assert refusal["errors"]["calling_windows"][0].startswith(f"{word}: ")
    assert store.task(task_id) == before
    elsewhere = narrow | {"timezone": "Europe/Berlin"}
    assert (await patch(client, task_id, {"calling_windows": elsewhere})).status == 200


async def test_without_a_time_it_begins_at_once_but_a_scheduled_call_has_one(client: Client, store: Store) -> None:
    campaign = await client.queue("queue-bulk-calls", CAMPAIGN | {"schedule_time": in_hours(1)})
    call = await client.queue("schedule-call", {"to_number": NUMBERS[0], "schedule_time": in_hours(1)})
    assert (await patch(client, campaign, {"schedule_time": None})).status == 200
    assert store.ledger.admit(50) == [f"{campaign}-1"]
    assert list(refused(await patch(client, call, {"schedule_time": None}), 400)["errors"]) == ["schedule_time"]


async def test_a_paused_call_begins_at_its_new_time_once_it_is_resumed(client: Client, store: Store) -> None:
    task_id = await client.queue("queue-single-call", {"to_number": NUMBERS[0]})
    tasks = "/api/v1/celery/twilio/tasks"
    assert (await client.ask("POST", f"{tasks}/{task_id}/pause")).status == 200
    assert (await patch(client, task_id, {"schedule_time": in_hours(1)})).status == 200
    assert store.ledger.admit(50) == []
    assert (await client.ask("POST", f"{tasks}/{task_id}/resume")).status == 200
    assert store.ledger.admit(50) == []
    store.pass_time(3600)
    assert store.ledger.admit(50) == [task_id]
