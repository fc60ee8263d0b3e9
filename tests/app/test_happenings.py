"""GET /tasks/{id}/events and POST /tasks/{id}/redeliver: what was missed is seen, and told again."""

from typing import Any

import pytest

from schemas import keys
from schemas.bodies.seeing.happenings import Redelivered, TaskEvents
from schemas.scripts.cancel import ALL, forget_number, forget_on
from schemas.scripts.outcome import placed
from tests.app.client import PUBLIC, Client
from tests.app.conftest import Start
from tests.app.refusal import refused
from tests.app.target import Target
from tests.app.test_audit import lines
from tests.app.test_tenants import API_KEYS, CALL, CAMPAIGN, ask, queued
from tests.processes import BASE_PATH
from tests.scripts.conftest import Store

NUMBER = "+12025550100"
DAYS = 30


def events(task_id: str, query: str = "") -> str:
    return f"{BASE_PATH}/tasks/{task_id}/events?{query}"


async def seen(client: Client, task_id: str, query: str = "") -> list[dict[str, Any]]:
    answer = await client.ask("GET", events(task_id, query))
    answer.loaded(TaskEvents)
    return list(answer.body["events"])


async def lived(client: Client, store: Store) -> str:
    """A call that was answered and ended, of which Twilio told all."""
    call = await client.queue("queue-single-call", {"to_number": NUMBER})
    store.ledger.admit(50)
    store.ledger.begin(call, "attempt")
    store.outcome(call, placed("CA1", "queued", 60))
    for sequence, status in enumerate(("initiated", "ringing", "in-progress", "completed")):
        more = "&CallDuration=7" if status == "completed" else ""
        store.callback(call, status, "CA1", sequence=str(sequence), body=f"CallStatus={status}{more}")
    return call


async def test_what_happened_is_told_with_the_words_of_a_receiver(client: Client, store: Store) -> None:
    call = await lived(client, store)
    told = await seen(client, call)

    assert [one["n"] for one in told] == [1, 2, 3, 4]
    assert {(one["call_id"], one["kind"]) for one in told} == {(call, "call")}
    assert [one["fields"]["CallStatus"] for one in told] == ["initiated", "ringing", "in-progress", "completed"]
    assert told[3]["fields"] == {
        "TaskId": call,
        "Attempt": "1",
        "SequenceNumber": "3",
        "CallStatus": "completed",
        "CallDuration": "7",
        "MoreAttempts": "false",
    }


async def test_who_reads_on_behind_what_it_has_sees_each_once(client: Client, store: Store) -> None:
    call = await lived(client, store)
    assert [one["n"] for one in await seen(client, call, "after=2")] == [3, 4]
    assert await seen(client, call, "after=4") == []
    first = (await client.ask("GET", events(call, "limit=3"))).body
    rest = (await client.ask("GET", events(call, f"limit=3&cursor={first['next_cursor']}"))).body

    assert [one["n"] for one in first["events"] + rest["events"]] == [1, 2, 3, 4]
    assert rest["next_cursor"] is None


async def test_a_campaigns_events_tell_of_its_calls_its_end_and_who_steered_it(start: Start, store: Store) -> None:
    client = await start(API_KEYS=API_KEYS, ADMIN_KEYS="root")
    task_id = await queued(client, "alice", "queue-bulk-calls", CAMPAIGN)
    for name, verb in (("alice", "pause"), ("root", "resume")):
        assert (await ask(client, name, "POST", f"{BASE_PATH}/tasks/{task_id}/{verb}")).status == 200
    (call,) = store.ledger.admit(50)
    store.ledger.begin(call, "attempt")
    store.outcome(call, placed("CA1", "queued", 60))
    store.callback(call, "busy", "CA1", sequence="0", body="CallStatus=busy")
    assert (await ask(client, "alice", "DELETE", f"{BASE_PATH}/cancel-task/{task_id}")).status == 200
    told = (await ask(client, "alice", "GET", events(task_id))).body["events"]

    kinds = [(one["kind"], one["fields"].get("by"), one["call_id"]) for one in told]
    assert kinds[:3] == [("paused", "alice", None), ("resumed", "root", None), ("call", None, call)]
    assert sorted(kind for kind, *_ in kinds[3:]) == ["campaign", "cancelled"]
    (over,) = (one["fields"] for one in told if one["kind"] == "campaign")
    assert (over["TaskStatus"], over["CountBusy"], over["CountCanceled"]) == ("REVOKED", "1", "1")


async def test_what_happened_to_a_campaign_names_its_recipients_by_the_clients_own_ids(
    client: Client, store: Store
) -> None:
    """As long as the campaign is kept: the record of a call may have gone before."""
    recipients = [{"to_number": NUMBER, "external_id": "crm & 1"}, {"to_number": "+12025550101"}]
    body = {"recipients": recipients, "external_id": "job 7", "delay_between_calls": 1}
    campaign = await client.queue("queue-bulk-calls", body)
    for place in (1, 2):
        store.pass_time(5)
        (call,) = store.ledger.admit(50)
        store.ledger.begin(call, "attempt")
        store.callback(call, "busy", f"CA{place}", sequence="0", body="CallStatus=busy")
    store.redis.delete(keys.task(f"{campaign}-1"))
    told = [one["fields"] for one in await seen(client, campaign)]

    assert [(one["TaskId"], one.get("ExternalId"), one.get("CampaignExternalId")) for one in told] == [
        (f"{campaign}-1", "crm & 1", "job 7"),
        (f"{campaign}-2", None, "job 7"),
        (campaign, None, "job 7"),
    ]
    assert store.scripts.run(forget_number("job", NUMBER, ALL, DAYS)).begun
    while store.scripts.run(forget_on(DAYS)):
        pass
    (first, *_) = await seen(client, campaign)
    assert "ExternalId" not in first["fields"]


@pytest.mark.parametrize("query", ["after=-1", "after=x", "limit=0", "cursor=nonsense", "since=1"])
async def test_a_wrong_parameter_is_refused(client: Client, query: str) -> None:
    call = await client.queue("queue-single-call", CALL)
    refused(await client.ask("GET", events(call, query)), 400)


async def test_what_was_not_taken_is_told_again_when_it_is_asked_for(
    start: Start, store: Store, target: Target, capsys: Any
) -> None:
    client = await start(PUBLIC_BASE_URL=PUBLIC, ALLOW_PRIVATE_WEBHOOKS="1")
    url = target.url("/moved/302")  # refuses for good
    call = await client.queue("queue-single-call", CALL | {"status_callback_url": url})
    await client.cancel(call)
    for _ in range(2):
        await target.visited.wait()
        target.visited.clear()
        while store.task(call).get("undelivered") != "1":
            await client.health()
        assert (await client.status(call)).body["result"]["undelivered_callbacks"] == 1
        answer = await client.ask("POST", f"{BASE_PATH}/tasks/{call}/redeliver")
        assert answer.loaded(Redelivered)["count"] == 1
    await target.visited.wait()

    assert target.numbers == ["0"] * 3
    acts = [line["action"] for line in lines(capsys.readouterr().out)]
    assert acts == ["cancel", "redeliver", "redeliver"]
    refused(await client.ask("POST", f"{BASE_PATH}/tasks/no-such-task/redeliver"), 404)


async def test_without_anything_to_tell_again_nothing_is(client: Client) -> None:
    call = await client.queue("queue-single-call", CALL)
    answer = await client.ask("POST", f"{BASE_PATH}/tasks/{call}/redeliver")
    assert answer.loaded(Redelivered)["count"] == 0
