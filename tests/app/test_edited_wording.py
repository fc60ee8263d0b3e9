"""PATCH /tasks/{id} of what calls say: each whom it still may reach hears all of it, as if it had been queued so."""

from typing import Any
from xml.etree import ElementTree as ET

import pytest

from schemas import keys
from schemas.scripts.outcome import later, placed
from schemas.spoken.speech import DEFAULT_TEXT
from tests.app.client import ANSWER, QUEUE_ENDPOINTS, Client
from tests.app.refusal import invalid, refused
from tests.app.test_refusing import GOOD
from tests.app.test_retrying import patch
from tests.app.twilio import post
from tests.processes import BASE_PATH, FROM_NUMBER
from tests.scripts.conftest import Store

FIRST, SECOND, THIRD = "+12025550100", "+12025550101", "+12025550102"
LONG = "x" * 500


async def campaign(client: Client, *variables: dict[str, str], **fields: Any) -> str:
    numbers = (FIRST, SECOND, THIRD)
    people = [{"to_number": number, "variables": its} for number, its in zip(numbers, variables, strict=False)]
    return await client.queue("queue-bulk-calls", {"recipients": people, "delay_between_calls": 1} | fields)


async def says(client: Client, task_id: str, **metadata: Any) -> Any:
    return await patch(client, task_id, {"call_metadata": metadata})


async def test_a_message_may_not_name_what_one_of_the_numbers_lacks(client: Client, store: Store) -> None:
    task_id = await campaign(client, {"a": "x"}, {"b": "y"}, {"a": "x", "b": "y"})
    before = store.task(task_id)
    errors = refused(await says(client, task_id, message="Hi {{a}}"), 400)["errors"]
    sentence = f"Must name only variables that each number has: {task_id}-2 has no a."
    assert errors == {"call_metadata.message": [sentence]}
    assert store.task(task_id) == before
    assert (await client.cancel(f"{task_id}-2")).status == 200
    assert (await says(client, task_id, message="Hi {{a}}")).status == 200
    assert "has no b" in refused(await says(client, task_id, message="Hi {{b}}"), 400)["detail"]


async def heard(client: Client, call: str, attempt: int = 1) -> str:
    form = {"CallSid": f"CA{attempt}", "From": FROM_NUMBER, "To": FIRST}
    status, text = await post(client, f"{ANSWER}?call={call}&attempt={attempt}", form)
    assert status == 200
    return "".join(say.text or "" for say in ET.fromstring(text).iter("Say"))


@pytest.mark.parametrize("path", ["queue-single-call", "queue-bulk-calls"])
@pytest.mark.parametrize("before", [{}, {"call_metadata": {"message": "Old."}}], ids=str)
async def test_whom_it_calls_already_hears_what_it_was_to_say_then(
    public: Client, store: Store, path: str, before: Any
) -> None:
    task_id = await public.queue(path, GOOD[path] | before)
    (call,) = store.ledger.admit(1)
    store.redis.hset(keys.task(call), "to", FIRST)
    store.ledger.begin(call, "claim")
    for message in ("New.", "Newer."):
        assert (await says(public, task_id, message=message)).status == 200
        assert await heard(public, call) == ("Old." if before else DEFAULT_TEXT)
    store.outcome(call, later(0))
    store.pass_time(60)
    assert store.ledger.admit(1) == [call]
    store.ledger.begin(call, "again")
    assert await heard(public, call) == "Newer."
    store.outcome(call, placed("CA1", "queued", 60))
    await says(public, task_id, message="Newest.")
    store.callback(call, "busy")
    await public.post(f"tasks/{task_id}/retry", {"outcomes": ["busy"]})
    store.pass_time(60)
    assert store.ledger.admit(1) == [call]
    store.ledger.begin(call, "retried")
    assert await heard(public, call, 2) == "Newest."
    assert store.task(task_id)["edits"] == "3"


async def test_nor_of_those_that_may_be_tried_again_or_came_later(client: Client, store: Store) -> None:
    task_id = await campaign(client, {"a": "x"}, {"a": "y"})
    await client.post(f"tasks/{task_id}/recipients", {"phone_numbers": [THIRD]})
    for mark in "rdlmbnfe":
        store.redis.set(keys.marks(task_id), f"aw{mark}")
        assert f"{task_id}-3 has no a" in refused(await says(client, task_id, message="{{a}}"), 400)["detail"]
    for mark in "achxu":
        store.redis.set(keys.marks(task_id), f"aw{mark}")
        assert (await says(client, task_id, message=f"{mark}: {{{{a}}}}")).status == 200


async def test_with_what_its_variables_stand_for_it_is_no_longer_than_twilio_speaks(
    client: Client, public: Client
) -> None:
    for one, times in ((client, 7), (public, 115)):
        task_id = await campaign(one, {"a": "x"}, {"a": LONG}, {"a": "y"})
        assert (await says(one, task_id, message="{{a}} " * times)).status == 200
        sentences = refused(await says(one, task_id, message="{{a}} " * (times + 10)), 400)["errors"]
        assert "with what its variables stand for" in sentences["call_metadata.message"][0]


async def test_numbers_that_come_later_have_no_variables_with_which_it_would_be(public: Client, store: Store) -> None:
    asked = {"on_machine": "leave_message", "message": "{{a}} " * 130}
    for fields in (
        {"call_metadata": {"message": "{{a}} " * 130}},
        {"machine": asked},
        {"gather": {"prompt": "{{a}} " * 130}},
    ):
        task_id = await campaign(public, {"a": "x"}, **fields)
        path = f"tasks/{task_id}/recipients"
        fits = {"to_number": SECOND, "variables": {"a": "x" * 400}}
        assert (await public.post(path, {"recipients": [fits]})).status == 200
        many = {"to_number": THIRD, "variables": {"a": LONG}}
        errors = refused(await public.post(path, {"recipients": [many]}), 400)["errors"]
        assert errors == {
            "recipients": [
                "Must have shorter variables: with these, what the campaign says is more than Twilio speaks."
            ]
        }
        assert store.task(task_id)["total"] == "2"


async def test_a_prompt_behind_a_longer_message_is_still_spoken(public: Client) -> None:
    body = {"to_number": FIRST, "delay_seconds": 60, "gather": {"prompt": "&" * 3000}}
    task_id = await public.queue("queue-single-call", body)
    assert (await says(public, task_id, message="&" * 8000)).status == 200
    refusal = refused(await says(public, task_id, message="&" * 11_000), 400)
    assert list(refusal["errors"]) == ["call_metadata.message"]


@pytest.mark.parametrize(
    ("option", "key", "value"),
    [
        ({"machine": {"on_machine": "hang_up"}}, "machine_detection", "enable"),
        ({"machine": {"on_machine": "leave_message"}}, "machine_detection", "detect_message_end"),
        ({"gather": {"num_digits": 2}}, "gather_input", True),
    ],
    ids=str,
)
async def test_what_an_option_says_the_metadata_do_not_say_otherwise(
    public: Client, option: dict[str, Any], key: str, value: Any
) -> None:
    for path in ("queue-single-call", "queue-bulk-calls"):
        task_id = await public.queue(path, GOOD[path] | option)
        assert list(refused(await says(public, task_id, **{key: value}), 400)["errors"]) == [f"call_metadata.{key}"]
        assert (await says(public, task_id, **{key: None}, message="Hi.")).status == 200


async def test_nobody_finds_machines_for_a_retry_that_waits_for_one(public: Client) -> None:
    retry = {"max_attempts": 2, "on": ["machine", "busy"]}
    body = {"to_number": FIRST, "call_metadata": {"machine_detection": "enable"}, "retry": retry}
    task_id = await public.queue("queue-single-call", body)
    errors = refused(await says(public, task_id, machine_detection=None), 400)["errors"]
    assert list(errors) == ["call_metadata.machine_detection"]
    assert (await says(public, task_id, machine_detection="detect_message_end")).status == 200
    both = {"call_metadata": None, "retry": {"max_attempts": 2}}
    assert (await patch(public, task_id, both)).status == 200


@pytest.mark.parametrize("endpoint", QUEUE_ENDPOINTS)
async def test_what_is_left_on_a_machine_is_no_longer_than_twilio_speaks(
    public: Client, redis: Any, endpoint: str
) -> None:
    body: dict[str, Any] = GOOD[endpoint] | {"machine": {"on_machine": "leave_message", "message": "{{a}} " * 130}}
    if endpoint == "queue-bulk-calls":
        body = {**body, "recipients": [{"to_number": FIRST, "variables": {"a": LONG}}]}
        del body["phone_numbers"]
    else:
        body["variables"] = {"a": LONG}
    assert list(invalid(await public.post(endpoint, body), redis)) == ["machine.message"]
    answer = await public.ask("GET", f"{BASE_PATH}/tasks")
    assert answer.body["tasks"] == []
