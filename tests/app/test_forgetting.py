"""POST /forget-number: who may have a number forgotten where, and who is told how far it is."""

from typing import Any

import pytest
from redis import Redis

from schemas import keys
from schemas.bodies.responses import ForgettingJob
from schemas.scripts.cancel import forget_on
from tests.app.client import Answer, Client
from tests.app.conftest import Start
from tests.app.refusal import invalid, refused
from tests.app.test_tenants import API_KEYS, ask, queued
from tests.processes import BASE_PATH
from tests.scripts.conftest import Store
from tests.scripts.test_retry_by_itself import attempt

NUMBER = "+12025550100"
PATH = f"{BASE_PATH}/forget-number"
LATER = {"to_number": NUMBER, "delay_seconds": 600}


@pytest.fixture
async def divided(start: Start) -> Client:
    return await start(API_KEYS=API_KEYS, ADMIN_KEYS="root", READ_ONLY_KEYS="auditor")


def sweep(store: Store) -> None:
    while store.scripts.run(forget_on(30)):
        pass


async def wish(client: Client, name: str = "") -> Answer:
    return await ask(client, name, "POST", PATH, {"to_number": NUMBER})


def job_of(answer: Answer) -> str:
    assert answer.status == 202, answer.text
    ForgettingJob().load(answer.body)
    return str(answer.body["job_id"])


async def test_without_keys_anybody_has_it_forgotten_everywhere(client: Client, store: Store) -> None:
    task_id = await client.queue("queue-single-call", LATER)
    answer = await wish(client)
    job = job_of(answer)
    assert (answer.body["status"], answer.body["blanked"], answer.body["finished_at"]) == ("running", 0, None)
    sweep(store)
    told = (await client.ask("GET", f"{PATH}/{job}")).loaded(ForgettingJob)
    assert (told["status"], told["blanked"]) == ("done", 1)
    assert told["finished_at"] >= told["created_at"]
    status = (await client.status(task_id)).body
    assert (status["status"], status["result"]) == ("REVOKED", {"outcome": "cancelled"})


async def test_a_call_that_was_made_stays_one_when_its_number_is_forgotten_before_the_next_attempt(
    client: Client, store: Store
) -> None:
    task_id = await client.queue("queue-single-call", {"to_number": NUMBER, "retry": {"max_attempts": 2}})
    attempt(store, task_id, "busy", "CA1", digits="1234")
    job_of(await wish(client))
    sweep(store)
    told = (await client.status(task_id)).body
    assert (told["status"], told["result"]["outcome"], told["result"]["call_sid"]) == ("SUCCESS", "busy", "CA1")
    (row,) = (await client.ask("GET", f"{BASE_PATH}/tasks/{task_id}/calls")).body["calls"]
    assert [(one["call_sid"], one["digits"]) for one in row["attempts"]] == [("CA1", None)]


async def test_what_was_answered_to_who_added_the_number_later_is_given_no_more(client: Client, store: Store) -> None:
    task_id = await client.queue("queue-bulk-calls", {"phone_numbers": ["+12025550101"], "start": "paused"})
    path = f"tasks/{task_id}/recipients"
    asked: list[tuple[str, Any]] = [
        ("first", {"phone_numbers": ["+12025550102", NUMBER]}),
        ("second", {"phone_numbers": ["+12025550103"]}),
    ]
    for key, body in asked:
        assert (await client.post(path, body, **{"Idempotency-Key": key})).status == 200
    job_of(await wish(client))
    sweep(store)
    statuses = [(await client.post(path, body, **{"Idempotency-Key": key})).status for key, body in asked]
    assert statuses == [422, 200]
    assert store.task(task_id)["total"] == "4"
    assert 0 < store.redis.pttl(f"{keys.PREFIX}answers:{task_id}") <= 86_400_000


async def test_no_campaign_takes_it_while_it_is_being_forgotten(client: Client, store: Store) -> None:
    """What is added meanwhile to one that was there before would be forgotten too."""
    task_id = await client.queue("queue-bulk-calls", {"phone_numbers": ["+12025550101"], "start": "paused"})
    path, body = f"tasks/{task_id}/recipients", {"phone_numbers": ["+12025550102", NUMBER]}
    job_of(await wish(client))
    assert "forgotten" in refused(await client.post(path, body), 409)["detail"]
    assert store.task(task_id)["total"] == "1"
    assert (await client.post(path, {"phone_numbers": ["+12025550102"]})).status == 200
    sweep(store)
    assert (await client.post(path, body)).status == 200
    assert store.task(task_id)["total"] == "4"


@pytest.mark.parametrize(("name", "blanked"), [("alice", {"alice"}), ("root", {"alice", "bob"})])
async def test_a_name_has_it_forgotten_in_its_own_tasks_and_an_admin_in_all(
    divided: Client, store: Store, name: str, blanked: set[str]
) -> None:
    tasks = {owner: await queued(divided, owner, "queue-single-call", LATER) for owner in ("alice", "bob")}
    job_of(await wish(divided, name))
    sweep(store)
    assert {owner for owner, task in tasks.items() if store.redis.hget(keys.task(task), "to") == ""} == blanked


async def test_of_anothers_job_is_told_what_is_told_of_none(divided: Client) -> None:
    job = job_of(await wish(divided, "alice"))
    theirs, nobodys = [await ask(divided, "bob", "GET", f"{PATH}/{one}") for one in (job, "no-such-job")]
    assert (theirs.status, theirs.text.replace(job, "no-such-job")) == (nobodys.status, nobodys.text)
    assert theirs.status == 404
    for name in ("alice", "root"):
        assert (await ask(divided, name, "GET", f"{PATH}/{job}")).status == 200
    admins = job_of(await wish(divided, "root"))
    assert (await ask(divided, "alice", "GET", f"{PATH}/{admins}")).status == 404


async def test_who_may_only_read_forgets_nothing(divided: Client) -> None:
    refused(await wish(divided, "auditor"), 403)


async def test_while_a_call_to_it_is_live_it_is_a_conflict(client: Client, store: Store) -> None:
    store.placed(NUMBER)
    assert refused(await wish(client), 409)["code"] == "conflict"


@pytest.mark.parametrize("body", [{}, {"to_number": "nobody"}, {"to_number": None}, {"to_number": NUMBER, "x": 1}, []])
async def test_another_body_is_refused(client: Client, redis: "Redis", body: Any) -> None:
    invalid(await client.ask("POST", PATH, json=body), redis)


@pytest.mark.parametrize("job", ["x" * 200, "%00", "tw:task:x"])
async def test_a_strange_id_is_no_jobs(client: Client, job: str) -> None:
    refused(await client.ask("GET", f"{PATH}/{job}"), 404)
