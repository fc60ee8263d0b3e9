"""GET /tasks/{id}/events of a call of a campaign: what its campaign's log has of it."""

from typing import Any

import pytest

from app.store import events as stored
from schemas import keys
from tests.app.client import Client
from tests.app.refusal import refused
from tests.app.test_happenings import events, seen
from tests.processes import BASE_PATH
from tests.scripts.conftest import Store

RECIPIENTS = [{"to_number": f"+1202555010{index}", "external_id": f"crm-{index}"} for index in range(11)]
BODY = {"recipients": RECIPIENTS, "delay_between_calls": 1}


@pytest.fixture
async def campaign(client: Client, store: Store) -> str:
    """One that was paused and resumed, of which the first two of eleven were busy, and the second cancelled again."""
    task_id = await client.queue("queue-bulk-calls", BODY)
    for verb in ("pause", "resume"):
        assert (await client.ask("POST", f"{BASE_PATH}/tasks/{task_id}/{verb}")).status == 200
    for place in (1, 2):
        store.pass_time(5)
        (call,) = store.ledger.admit(50)
        store.ledger.begin(call, "attempt")
        for sequence, status in enumerate(("ringing", "busy")):
            store.callback(call, status, f"CA{place}", sequence=str(sequence), body=f"CallStatus={status}")
    return task_id


async def test_what_is_told_of_a_call_is_what_its_campaigns_log_has_of_it(client: Client, campaign: str) -> None:
    whole = await seen(client, campaign)
    for place in (1, 2, 11):
        call = f"{campaign}-{place}"
        assert await seen(client, call) == [one for one in whole if one["call_id"] == call]
    second = await seen(client, f"{campaign}-2")
    assert [one["fields"]["CallStatus"] for one in second] == ["ringing", "busy"]
    assert {(one["fields"]["CampaignId"], one["fields"]["ExternalId"]) for one in second} == {(campaign, "crm-1")}


@pytest.mark.parametrize("span", [1, 2, 3, 100])
async def test_page_by_page_each_is_told_once_however_far_apart_they_are(
    client: Client, campaign: str, monkeypatch: pytest.MonkeyPatch, span: int
) -> None:
    monkeypatch.setattr(stored, "_SPAN", span)
    call = f"{campaign}-2"
    told: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = (await client.ask("GET", events(call, f"limit=1{cursor}"))).body
        told += page["events"]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert [one["fields"]["CallStatus"] for one in told] == ["ringing", "busy"]
    assert await seen(client, call, f"after={told[-1]['n']}") == []


async def test_its_record_may_have_gone_before_and_what_never_was_is_not_found(
    client: Client, store: Store, campaign: str
) -> None:
    before = await seen(client, f"{campaign}-1")
    store.redis.delete(keys.task(f"{campaign}-1"))
    assert await seen(client, f"{campaign}-1") == before
    for name in ("0", "01", "12", "x", "", "-1", "1-1"):
        refused(await client.ask("GET", events(f"{campaign}-{name}")), 404)
    for name in ("no-such-task", "no-such-task-1"):
        refused(await client.ask("GET", events(name)), 404)
