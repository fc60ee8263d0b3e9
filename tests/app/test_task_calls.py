"""GET /tasks/{id}/calls, as pages and as a file."""

import csv
import io
from typing import Any

import pytest

from app.endpoints.campaigns.seeing import COLUMNS
from schemas.bodies.campaigns.rows import TaskCalls
from schemas.scripts.outcome import placed, refused
from tests.app.client import Answer, Client
from tests.app.conftest import Start
from tests.app.refusal import refused as refused_answer
from tests.app.test_tenants import API_KEYS, ask, queued
from tests.processes import BASE_PATH
from tests.scripts.conftest import Store

NUMBERS = [f"+120255501{index:02d}" for index in range(5)]
NOTHING = dict.fromkeys(("waiting_for", "next_attempt_at"))


async def calls(client: Client, task_id: str, query: str = "", **headers: str) -> Answer:
    return await client.ask("GET", f"{BASE_PATH}/tasks/{task_id}/calls{query}", headers=headers)


async def campaign(client: Client) -> str:
    recipients = [{"to_number": number, "external_id": f"crm {place}"} for place, number in enumerate(NUMBERS)]
    body = {"recipients": recipients, "max_concurrent_calls": 2, "delay_between_calls": 1}
    return await client.queue("queue-bulk-calls", body)


def dial_two(store: Store) -> None:
    """One was busy, one is refused."""
    store.ledger.pulse("worker")
    store.ledger.clock("beat")
    for sid in ("CA1", "CA2"):
        (call,) = store.ledger.admit(50)
        store.ledger.begin(call, sid)
        if sid == "CA1":
            store.outcome(call, placed(sid, "queued", 60))
            store.callback(call, "busy", fields={"started_ms": "5000", "ended_ms": "13000", "duration_seconds": "0"})
        else:
            store.outcome(call, refused("number", "Twilio refused it (21211)", by_twilio=True))
        store.pass_time(2)


async def test_each_number_is_a_row_with_what_became_of_it(client: Client, store: Store) -> None:
    task_id = await campaign(client)
    dial_two(store)
    body = (await calls(client, task_id)).loaded(TaskCalls)
    told = (await calls(client, task_id)).body["calls"]
    assert [row["call_id"] for row in told] == [f"{task_id}-{place}" for place in range(1, 6)]
    assert [(row["to_number"], row["external_id"]) for row in told] == [
        (number, f"crm {place}") for place, number in enumerate(NUMBERS)
    ]
    assert [row["outcome"] for row in told] == ["busy", "failed", "waiting", "waiting", "waiting"]
    assert [row["waiting_for"] for row in told][:2] == [None, None]
    assert told[2]["waiting_for"] in {"pace", "worker"}
    attempt = {
        "call_sid": "CA1",
        "call_status": "busy",
        "started_at": "1970-01-01T00:00:01Z",
        "ended_at": "1970-01-01T00:00:09Z",
        "duration_seconds": 0,
        "answered_by": None,
        "digits": None,
        "error": None,
    }
    assert told[0]["attempts"] == [attempt]
    (failed,) = told[1]["attempts"]
    assert (failed["call_sid"], failed["error"]) == (None, "Twilio refused it (21211)")
    assert told[2]["attempts"] == []
    assert body["next_cursor"] is None


async def test_a_row_says_whether_its_timezone_is_none_of_its_numbers(client: Client, store: Store) -> None:
    people = [
        {"to_number": number} | ({"timezone": zone} if zone else {})
        for number, zone in (
            ("+12125550100", "America/Los_Angeles"),
            ("+12125550101", "America/New_York"),
            ("+12125550102", None),
            ("+1987654321", "Europe/Berlin"),
        )
    ]
    task_id = await client.queue("queue-bulk-calls", {"recipients": people})
    expected = [True, False, False, False]
    for _ in range(2):
        assert [row["zone_disagrees"] for row in (await calls(client, task_id)).body["calls"]] == expected
        assert store.ledger.admit(50) in ([f"{task_id}-1"], [])
    (shown,) = (await client.ask("GET", f"{BASE_PATH}/calls")).body["calls"]
    assert (shown["call_id"], shown["zone_disagrees"]) == (f"{task_id}-1", True)


async def test_pages_follow_one_another_and_filters_hold_on_all_of_them(client: Client, store: Store) -> None:
    task_id = await campaign(client)
    dial_two(store)
    seen, cursor = [], ""
    while True:
        body = (await calls(client, task_id, f"?limit=2&outcome=waiting{cursor}")).body
        seen += [row["to_number"] for row in body["calls"]]
        if body["next_cursor"] is None:
            break
        cursor = f"&cursor={body['next_cursor']}"
    assert seen == NUMBERS[2:]


@pytest.mark.parametrize(
    ("query", "places"),
    [
        ("?outcome=busy", [1]),
        ("?outcome=failed", [2]),
        ("?waiting_for=paused", [3, 4, 5]),
        ("?waiting_for=pace", []),
        ("?waiting_for=paused&outcome=busy", []),
        ("?outcome=answered", []),
    ],
)
async def test_filters_are_anded(client: Client, store: Store, query: str, places: list[int]) -> None:
    task_id = await campaign(client)
    dial_two(store)
    await client.ask("POST", f"{BASE_PATH}/tasks/{task_id}/pause")
    told = (await calls(client, task_id, query)).body["calls"]
    assert [row["call_id"] for row in told] == [f"{task_id}-{place}" for place in places]


@pytest.mark.parametrize("query", ["?outcome=good", "?limit=0", "?limit=201", "?cursor=x", "?colour=red"])
async def test_a_wrong_parameter_is_named(client: Client, query: str) -> None:
    task_id = await campaign(client)
    told = refused_answer(await calls(client, task_id, query), 400)
    assert list(told["errors"]) == [query[1:].partition("=")[0]]


async def test_a_single_call_and_a_campaigns_call_are_one_row(client: Client) -> None:
    single = await client.queue("queue-single-call", {"to_number": NUMBERS[0]})
    (row,) = (await calls(client, single)).body["calls"]
    assert (row["call_id"], row["to_number"], row["outcome"], row["attempts"]) == (single, NUMBERS[0], "waiting", [])
    task_id = await campaign(client)
    (row,) = (await calls(client, f"{task_id}-2")).body["calls"]
    assert (row["call_id"], row["to_number"]) == (f"{task_id}-2", NUMBERS[1])
    refused_answer(await calls(client, f"{task_id}-6"), 404)
    refused_answer(await calls(client, "no-such-task"), 404)


async def test_as_a_file_all_rows_come_and_no_cell_is_a_formula(client: Client, store: Store) -> None:
    body: dict[str, Any] = {"recipients": [{"to_number": NUMBERS[0], "external_id": "=HYPERLINK(1)"}]}
    body["recipients"] += [{"to_number": f"+1303{place:07d}"} for place in range(600)]
    task_id = await client.queue("queue-bulk-calls", body | {"max_concurrent_calls": 2, "delay_between_calls": 1})
    dial_two(store)
    answer = await calls(client, task_id, "", Accept="application/json;q=0.5, Text/CSV")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["X-Request-ID"]
    header, *rows = csv.reader(io.StringIO(answer.text))
    assert header == list(COLUMNS)
    assert len(rows) == 601
    first = dict(zip(header, rows[0], strict=True))
    assert (first["to_number"], first["external_id"]) == (f"'{NUMBERS[0]}", "'=HYPERLINK(1)")
    assert (first["outcome"], first["attempts"], first["call_sid"], first["call_status"]) == (
        "busy",
        "1",
        "CA1",
        "busy",
    )
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]


async def test_a_file_can_be_filtered_and_asked_for_by_head(client: Client) -> None:
    task_id = await campaign(client)
    answer = await calls(client, task_id, "?outcome=busy", Accept="text/csv")
    assert answer.text.splitlines() == [",".join(COLUMNS)]
    head = await client.ask("HEAD", f"{BASE_PATH}/tasks/{task_id}/calls", headers={"Accept": "text/csv"})
    assert (head.status, head.text) == (200, "")


async def test_rows_are_shown_to_their_own_name_only(start: Start) -> None:
    client = await start(API_KEYS=API_KEYS, ADMIN_KEYS="root", READ_ONLY_KEYS="auditor")
    task_id = await queued(client, "alice", "queue-bulk-calls", {"phone_numbers": NUMBERS})
    statuses = [
        (await ask(client, name, "GET", f"{BASE_PATH}/tasks/{one}/calls")).status
        for name in ("alice", "bob", "root", "auditor")
        for one in (task_id, f"{task_id}-1")
    ]
    assert statuses == [200, 200, 404, 404, 200, 200, 200, 200]
