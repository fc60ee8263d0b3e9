"""Numbers that come to a campaign later: held to its hours as at the acceptance, and told in its log."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from redis import Redis

from schemas import keys
from schemas.campaigns.marks import Mark
from tests.app.client import Client
from tests.app.conftest import Start
from tests.app.refusal import refused
from tests.app.test_campaign_windows import ALWAYS
from tests.app.test_tenants import API_KEYS, ask, queued
from tests.processes import BASE_PATH
from tests.scripts.conftest import Store

NEW_YORK, OTHER, ANYWHERE = "+12125550100", "+12125550101", "+18005550100"  # the last is toll-free
FROM, OTHER_FROM = "+12125550102", "+12125550103"
MORNING = {"timezone": "recipient", "windows": [{"days": ["mon"], "start": "08:00", "end": "09:00"}]}
BULK = "queue-bulk-calls"


async def add(client: Client, task: str, body: Any) -> Any:
    return await client.post(f"tasks/{task}/recipients", body)


async def test_a_number_that_could_never_be_called_is_refused_with_its_place(client: Client, redis: "Redis") -> None:
    task = await client.queue(BULK, {"phone_numbers": [NEW_YORK], "calling_windows": MORNING})
    before = redis.lrange(keys.rows(task), 0, -1)
    errors = refused(await add(client, task, {"phone_numbers": [OTHER, ANYWHERE]}), 400)["errors"]
    assert list(errors) == ["phone_numbers.1"]
    assert errors["phone_numbers.1"][0].startswith("no_common_hour")
    errors = refused(await add(client, task, {"recipients": [{"to_number": ANYWHERE}]}), 400)["errors"]
    assert list(errors) == ["recipients.0.to_number"]
    assert redis.lrange(keys.rows(task), 0, -1) == before
    somewhere = {"to_number": ANYWHERE, "timezone": "America/Chicago"}
    assert (await add(client, task, {"recipients": [somewhere]})).body["added"] == 1


async def test_to_what_is_no_campaign_none_come_whatever_their_variables_are(client: Client) -> None:
    body = {"recipients": [{"to_number": OTHER, "variables": {"name": "Ada"}}]}
    assert refused(await add(client, "no-such-task", body), 404)["detail"] == "Task no-such-task not found"
    said = {"call_metadata": {"message": "Hello {{a}}."}, "variables": {"a": "Bob"}}
    single = await client.queue("queue-single-call", {"to_number": NEW_YORK, "delay_seconds": 60} | said)
    for people in (body, {"phone_numbers": [OTHER]}):
        assert "is no campaign" in refused(await add(client, single, people), 409)["detail"]


async def test_the_do_not_call_list_of_the_campaigns_name_counts_whoever_adds_them(start: Start) -> None:
    client = await start(API_KEYS=API_KEYS, ADMIN_KEYS="root")
    task = await queued(client, "alice", BULK, {"phone_numbers": [NEW_YORK]})
    for name, number in (("alice", OTHER), ("root", FROM)):
        assert (await ask(client, name, "PUT", f"{BASE_PATH}/do-not-call/{number}")).status == 200
    body = {"phone_numbers": [OTHER, FROM]}
    told = (await ask(client, "root", "POST", f"{BASE_PATH}/tasks/{task}/recipients", body)).body
    assert (told["added"], told["skipped"]) == (1, [{"index": 0, "to_number": OTHER, "reason": "do_not_call"}])


async def test_the_operators_windows_hold_for_them_too(start: Start) -> None:
    client = await start(CALLING_WINDOWS="mon 08:00-09:00")
    task = await client.queue(BULK, {"phone_numbers": [NEW_YORK]})
    errors = refused(await add(client, task, {"phone_numbers": [ANYWHERE]}), 400)["errors"]
    assert list(errors) == ["phone_numbers.0"]


async def test_a_repetition_is_answered_as_before_though_its_numbers_have_no_hour_any_more(
    client: Client, redis: "Redis"
) -> None:
    soon = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    task = await client.queue(BULK, {"phone_numbers": [NEW_YORK], "calling_windows": ALWAYS, "expires_at": soon})
    key, body = {"Idempotency-Key": "one"}, {"phone_numbers": [OTHER]}
    first = await client.post(f"tasks/{task}/recipients", body, **key)
    redis.hset(keys.task(task), "expires_ms", 1)
    again = await client.post(f"tasks/{task}/recipients", body, **key)
    assert (first.body, again.headers["Idempotent-Replayed"]) == (again.body, "true")


@pytest.mark.parametrize("windows", [{}, {"calling_windows": ALWAYS}], ids=["any time", "windows"])
async def test_a_campaign_that_has_expired_takes_no_more(client: Client, redis: "Redis", windows: Any) -> None:
    soon = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    task = await client.queue(BULK, {"phone_numbers": [NEW_YORK], "expires_at": soon, **windows})
    redis.hset(keys.task(task), "expires_ms", 1)
    assert "is over" in refused(await add(client, task, {"phone_numbers": [OTHER]}), 409)["detail"]
    assert redis.llen(keys.rows(task)) == 1


async def test_one_with_an_end_of_its_own_expires_by_it_in_a_campaign_without_windows(
    client: Client, store: Store, redis: "Redis"
) -> None:
    task = await client.queue(BULK, {"phone_numbers": [NEW_YORK], "start": "paused"})
    end = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    await add(client, task, {"recipients": [{"to_number": OTHER, "expires_at": end}]})
    assert redis.hget(keys.task(task), "unplanned") == "1"
    assert [found.id for found in store.ledger.closed().found] == [task]


async def test_what_cannot_be_called_is_left_out_if_that_is_wanted_and_named(client: Client, redis: "Redis") -> None:
    fields = {"calling_windows": MORNING, "from_numbers": [FROM, OTHER_FROM], "call_metadata": {"message": "{{a}}"}}
    body = {"recipients": [{"to_number": NEW_YORK, "variables": {"a": "x"}}], **fields}
    task = await client.queue(BULK, body)
    given = [*(("x", {}), ("+911", {"a": "1"}), (OTHER_FROM, {"a": "1"})), (OTHER, {}), (ANYWHERE, {"a": "1"})]
    more = [{"to_number": number, "variables": its} for number, its in [*given, ("+12125550104", {"a": "2"})]]
    key = {"Idempotency-Key": "one"}
    for _ in range(2):  # a repetition is answered the same
        answer = await client.post(f"tasks/{task}/recipients", {"recipients": more, "invalid_numbers": "skip"}, **key)
        assert (answer.body["added"], answer.body["duplicates_removed"]) == (1, 0)
        left_out = [(one["index"], one["reason"]) for one in answer.body["skipped"]]
        whys = ["invalid_number", "prefix_refused", "prefix_refused", "missing_variable", "no_common_hour"]
        assert left_out == list(enumerate(whys))
    assert redis.llen(keys.rows(task)) == 2
    answer = await add(client, task, {"recipients": more[:3], "invalid_numbers": "skip"})
    assert list(refused(answer, 400)["errors"]) == ["recipients"]
    answer = await add(client, task, {"recipients": more[2:3], "invalid_numbers": "refuse"})
    assert list(refused(answer, 400)["errors"]) == ["recipients.0.to_number"]


@pytest.mark.parametrize("verb", ["recipients", "retry"])
async def test_who_asks_for_more_than_the_day_has_room_for_is_told_when_the_next_one_begins(
    start: Start, store: Store, verb: str
) -> None:
    client = await start(MAX_CALLS_PER_DAY="1")
    task = await client.queue(BULK, {"phone_numbers": [NEW_YORK]})
    store.redis.set(keys.marks(task), Mark.BUSY)
    body = {"phone_numbers": [OTHER]} if verb == "recipients" else {"outcomes": ["busy"]}
    answers = [
        await client.post(f"tasks/{task}/{verb}", body),
        await client.post(BULK, {"phone_numbers": [OTHER]}),
    ]
    left_seconds = 86_400 - store.now_ms() / 1000 % 86_400
    for answer in answers:
        assert refused(answer, 429)["code"] == "daily_limit"
        assert 0 <= int(answer.headers["Retry-After"]) - left_seconds <= 5


@pytest.mark.parametrize("name", ["alice", ""])
async def test_who_added_them_and_how_many_is_told_in_the_log(start: Start, name: str) -> None:
    client = await start(**({"API_KEYS": API_KEYS} if name else {}))
    queued = await ask(client, name, "POST", f"{BASE_PATH}/{BULK}", {"phone_numbers": [NEW_YORK]})
    path = f"{BASE_PATH}/tasks/{queued.body['task_id']}"
    await ask(client, name, "POST", f"{path}/recipients", {"phone_numbers": [OTHER, ANYWHERE]})
    (event,) = (await ask(client, name, "GET", f"{path}/events")).body["events"]
    assert (event["kind"], event["call_id"]) == ("added", None)
    assert event["fields"] == {"by": name or None, "count": 2}
