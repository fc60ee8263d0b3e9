"""Do-not-call lists over HTTP: whose list it is, what an addition does at once, and what is refused."""

import asyncio
import csv
import io
from typing import Any

import pytest
from redis import Redis

from schemas import keys
from schemas.bodies.responses import BulkQueued
from schemas.do_not_call.bodies import DoNotCallAdded, DoNotCallEntry, DoNotCallPage, DoNotCallRemoved
from schemas.scripts.outcome import placed
from tests.app.client import Answer, Client
from tests.app.conftest import Start
from tests.app.refusal import E164_SENTENCE, invalid, refused
from tests.app.test_tenants import API_KEYS, ask
from tests.processes import BASE_PATH
from tests.scripts.conftest import Store

LISTS = f"{BASE_PATH}/do-not-call"
NUMBER, OTHER = "+12025550100", "+12025550101"
SINGLE = {"to_number": NUMBER}


async def put(client: Client, number: str = NUMBER, query: str = "") -> Answer:
    return await client.ask("PUT", f"{LISTS}/{number}{query}")


@pytest.fixture
async def divided(start: Start) -> Client:
    return await start(API_KEYS=API_KEYS, ADMIN_KEYS="root", READ_ONLY_KEYS="auditor")


async def test_a_number_is_put_onto_the_list_shown_and_taken_off(client: Client) -> None:
    assert (await client.ask("GET", f"{LISTS}/{NUMBER}")).status == 404
    added = (await put(client)).loaded(DoNotCallAdded)
    assert (added["list"], added["added"], added["already_listed"], added["calls_going_on"]) == ("service", 1, 0, 0)
    again = (await put(client, NUMBER.replace("+", "%2B"))).loaded(DoNotCallAdded)
    assert (again["added"], again["already_listed"]) == (0, 1)
    entry = (await client.ask("GET", f"{LISTS}/{NUMBER}")).loaded(DoNotCallEntry)
    assert (entry["to_number"], entry["added_by"], entry["way"]) == (NUMBER, None, "api")
    removed = await client.ask("DELETE", f"{LISTS}/{NUMBER}?reason=asked+to+be+called")
    assert removed.loaded(DoNotCallRemoved)["message"] == f"{NUMBER} may be called again"
    refused(await client.ask("DELETE", f"{LISTS}/{NUMBER}?reason=again"), 404)
    await client.queue("queue-single-call", SINGLE)


async def test_it_is_answered_only_when_what_may_just_be_leaving_has_left(client: Client, store: Store) -> None:
    call = store.dialling(NUMBER)
    asked = asyncio.create_task(put(client))
    while not asked.done() and (await client.ask("GET", f"{LISTS}/{NUMBER}")).status != 200:
        pass
    for _ in range(5):  # what is not waited for is answered long before
        await client.ask("GET", f"{LISTS}/{NUMBER}")
    assert not asked.done()
    store.outcome(call, placed("CA1", "queued", 60))
    assert (await asked).loaded(DoNotCallAdded)["calls_going_on"] == 1


@pytest.mark.parametrize("endpoint", ["queue-single-call", "schedule-call"])
async def test_a_single_call_to_a_number_on_the_list_is_refused(client: Client, redis: "Redis", endpoint: str) -> None:
    await put(client)
    body = SINGLE | ({"schedule_time": "2027-01-15T14:00:00Z"} if endpoint == "schedule-call" else {})
    answer = await client.post(endpoint, body)
    assert "do-not-call" in refused(answer, 403)["detail"]
    assert not list(redis.scan_iter(keys.task("*")))


async def test_a_trunk_prefix_leads_around_no_list_whichever_of_the_two_has_it(client: Client) -> None:
    for listed, called in (("+442079460000", "+4402079460000"), ("+4402079460001", "+442079460001")):
        await put(client, listed)
        refused(await client.post("queue-single-call", {"to_number": called}), 403)
    loaded = (await client.post("queue-bulk-calls", {"phone_numbers": ["+4402079460000", OTHER]})).loaded(BulkQueued)
    assert [one["reason"] for one in loaded["skipped"]] == ["do_not_call"]


async def test_a_campaign_leaves_out_who_is_on_the_list_and_says_so(client: Client) -> None:
    await put(client)
    given = [OTHER, NUMBER, OTHER, NUMBER, "+12025550102"]
    key = {"Idempotency-Key": "one"}
    answer = await client.post("queue-bulk-calls", {"phone_numbers": given}, **key)
    loaded = answer.loaded(BulkQueued)
    assert (loaded["total_calls"], loaded["duplicates_removed"]) == (2, 2)
    assert loaded["skipped"] == [{"index": 1, "to_number": NUMBER, "reason": "do_not_call"}]
    for number in (OTHER, "+12025550102"):
        await put(client, number)
    again = await client.post("queue-bulk-calls", {"phone_numbers": given}, **key)
    assert (again.body, again.headers["Idempotent-Replayed"]) == (answer.body, "true")
    refused(await client.post("queue-bulk-calls", {"phone_numbers": [OTHER]}, **key), 422)
    assert "phone_numbers" in invalid_fields(await client.post("queue-bulk-calls", {"phone_numbers": given}))


def invalid_fields(answer: Answer) -> Any:
    return refused(answer, 400)["errors"]


async def test_a_thousand_numbers_are_added_at_once_and_listed_in_pages_and_as_csv(client: Client) -> None:
    numbers = [f"+1202555{index:04d}" for index in range(1000)]
    answer = await client.post("do-not-call", {"phone_numbers": [*numbers, *numbers][:1000]})
    assert answer.loaded(DoNotCallAdded)["added"] == 1000
    found, cursor = list[str](), ""
    while True:
        page = (await client.ask("GET", f"{LISTS}?limit=150{cursor}")).loaded(DoNotCallPage)
        found += [entry["to_number"] for entry in page["numbers"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert found == numbers
    table = await client.ask("GET", LISTS, headers={"Accept": "text/csv"})
    assert table.headers["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert [row["to_number"] for row in rows] == [f"'{number}" for number in numbers]


async def test_an_idempotency_key_counts_when_numbers_are_added(client: Client) -> None:
    key = {"Idempotency-Key": "k"}
    first = await client.post("do-not-call", {"phone_numbers": [NUMBER]}, **key)
    await client.ask("DELETE", f"{LISTS}/{NUMBER}?reason=x")
    again = await client.post("do-not-call", {"phone_numbers": [NUMBER]}, **key)
    assert (again.body, again.headers["Idempotent-Replayed"]) == (first.body, "true")
    assert (await client.ask("GET", f"{LISTS}/{NUMBER}")).status == 404
    refused(await client.post("do-not-call", {"phone_numbers": [OTHER]}, **key), 422)
    refused(await client.post("queue-single-call", {"to_number": OTHER}, **key), 422)


@pytest.mark.parametrize(
    ("method", "path", "field"),
    [
        ("PUT", f"{LISTS}/12025550100", "number"),
        ("GET", f"{LISTS}/+0", "number"),
        ("DELETE", f"{LISTS}/x?reason=y", "number"),
        ("DELETE", f"{LISTS}/{NUMBER}", "reason"),
        ("DELETE", f"{LISTS}/{NUMBER}?reason=", "reason"),
        ("DELETE", f"{LISTS}/{NUMBER}?reason={'x' * 201}", "reason"),
        ("PUT", f"{LISTS}/{NUMBER}?list=mine", "list"),
        ("GET", f"{LISTS}?limit=0", "limit"),
        ("GET", f"{LISTS}?cursor=x", "cursor"),
        ("GET", f"{LISTS}?order=up", "order"),
    ],
)
async def test_what_is_not_valid_is_named(client: Client, redis: "Redis", method: str, path: str, field: str) -> None:
    assert list(invalid(await client.ask(method, path), redis)) == [field]


@pytest.mark.parametrize("numbers", [[], ["1"], [NUMBER] * 1001, NUMBER, None])
async def test_a_body_that_is_none_is_refused(client: Client, redis: "Redis", numbers: object) -> None:
    errors = invalid(await client.post("do-not-call", {"phone_numbers": numbers}), redis)
    assert next(iter(errors)).startswith("phone_numbers")
    assert E164_SENTENCE  # the sentence of a number alone is that of every number


async def test_each_name_has_its_own_list_and_admins_the_services_too(divided: Client) -> None:
    assert (await ask(divided, "alice", "PUT", f"{LISTS}/{NUMBER}")).body["list"] == "own"
    for name, status in (("alice", 403), ("bob", 200), ("root", 200)):
        assert (await ask(divided, name, "POST", f"{BASE_PATH}/queue-single-call", SINGLE)).status == status
    assert (await ask(divided, "alice", "GET", f"{LISTS}/{NUMBER}")).body["added_by"] == "alice"
    assert (await ask(divided, "bob", "GET", f"{LISTS}/{NUMBER}")).status == 404
    assert (await ask(divided, "bob", "DELETE", f"{LISTS}/{NUMBER}?reason=x")).status == 404
    assert (await ask(divided, "root", "GET", f"{LISTS}/{NUMBER}?list=service")).status == 404

    for name in ("alice", "bob", "auditor"):
        for method, path in (("GET", LISTS), ("GET", f"{LISTS}/{NUMBER}"), ("PUT", f"{LISTS}/{NUMBER}")):
            refused(await ask(divided, name, method, f"{path}?list=service"), 403)
    added = await ask(divided, "root", "POST", f"{LISTS}?list=service", {"phone_numbers": [NUMBER]})
    assert added.body["list"] == "service"
    assert (await ask(divided, "bob", "POST", f"{BASE_PATH}/queue-single-call", SINGLE)).status == 403


async def test_who_may_only_read_changes_no_list(divided: Client) -> None:
    for method, path, body in (
        ("PUT", f"{LISTS}/{NUMBER}", None),
        ("DELETE", f"{LISTS}/{NUMBER}?reason=x", None),
        ("POST", LISTS, {"phone_numbers": [NUMBER]}),
    ):
        refused(await ask(divided, "auditor", method, path, body), 403)
    assert (await ask(divided, "auditor", "GET", LISTS)).body == {"numbers": [], "next_cursor": None}


async def test_every_change_is_on_record_with_the_keys_name_and_the_number_masked(
    divided: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    await ask(divided, "alice", "PUT", f"{LISTS}/{NUMBER}")
    await ask(divided, "alice", "DELETE", f"{LISTS}/{NUMBER}?reason=asked")
    lines = [line for line in capsys.readouterr().out.splitlines() if '"audit"' in line]
    assert len(lines) == 2
    assert all('"alice"' in line and NUMBER not in line for line in lines)
