"""What a campaign says of its numbers: variables of each, bad ones left out, and several numbers to call from."""

import json
from typing import Any

import pytest
from redis import Redis

from schemas import keys
from schemas.bodies.responses import BulkQueued
from schemas.scripts.begin import Go
from schemas.scripts.outcome import refused
from tests.app.client import ANSWER, Client
from tests.app.conftest import Start
from tests.app.refusal import invalid
from tests.app.twilio import post
from tests.processes import BASE_PATH
from tests.scripts.conftest import Store

FIRST, SECOND, THIRD = "+12025550100", "+12025550101", "+12025550102"
MESSAGE = {"message": "Dear {{name}}, at {{time}}."}
ADA: dict[str, Any] = {"to_number": FIRST, "external_id": "a", "variables": {"name": "Ada", "time": "ten"}}
BOB: dict[str, Any] = {"to_number": SECOND, "variables": {"time": "elf ü", "name": "<Bob>"}}


def campaign(*recipients: Any, **fields: Any) -> dict[str, Any]:
    return {"recipients": list(recipients), "call_metadata": MESSAGE, "delay_between_calls": 1} | fields


async def test_each_recipient_hears_its_own_variables(public: Client, redis: "Redis", store: Store) -> None:
    task = await public.queue("queue-bulk-calls", campaign(ADA, BOB, {**ADA, "to_number": THIRD, "external_id": "c"}))
    record = redis.hgetall(keys.task(task))
    assert json.loads(record["variable_names"]) == ["name", "time"]
    rows = redis.lrange(f"{keys.PREFIX}rows:{task}", 0, -1)
    assert rows[1] == "\x1f".join(["12025550101", "", "<Bob>", "elf ü"])
    for number, said in ((FIRST, "Dear Ada, at ten."), (SECOND, "Dear &lt;Bob&gt;, at elf ü.")):
        store.pass_time(5)
        (call,) = store.ledger.admit(1)
        store.ledger.begin(call, "claim")
        form = {"CallSid": f"CA{number[1:]}", "To": number, "From": str(record["from"])}
        status, text = await post(public, f"{ANSWER}?call={call}", form)
        assert status == 200
        assert f"<Say>{said}</Say>" in text


async def test_a_recipient_without_a_variable_of_the_message_is_named_with_it(client: Client, redis: "Redis") -> None:
    answer = await client.post("queue-bulk-calls", campaign(ADA, {"to_number": SECOND, "variables": {"name": "B"}}))
    assert invalid(answer, redis) == {"recipients.1.variables": ["Must hold time, which the message names."]}


@pytest.mark.parametrize("fields", [{}, {"invalid_numbers": "skip"}], ids=str)
@pytest.mark.parametrize("given", [{}, {"variables": {}}, {"variables": {"name": "B"}}], ids=str)
async def test_if_no_recipient_has_a_variable_each_is_named_with_it(
    client: Client, redis: "Redis", given: dict[str, Any], fields: dict[str, str]
) -> None:
    body = campaign({"to_number": FIRST, **given}, {"to_number": SECOND, **given}, **fields)
    missing = (
        "Must hold time, which the message names."
        if given.get("variables")
        else ("Must hold name, time, which the message names.")
    )
    answer = await client.post("queue-bulk-calls", body)
    errors = invalid(answer, redis)
    assert errors.pop("recipients", None) == (
        ["Must hold a number that may be called: each is left out, for missing_variable."] if fields else None
    )
    assert errors == {f"recipients.{place}.variables": [missing] for place in (0, 1)}
    assert answer.body["detail"] == f"recipients.0.variables {missing[0].lower()}{missing[1:]}"


@pytest.mark.parametrize("given", [{"1st": ""}, {"a": 1}, [], {"pause": "x"}], ids=str)
async def test_variables_of_a_recipient_are_held_to_the_same(client: Client, redis: "Redis", given: Any) -> None:
    answer = await client.post("queue-bulk-calls", campaign({"to_number": FIRST, "variables": given}))
    (path,) = invalid(answer, redis)
    assert path.startswith("recipients.0.variables")


async def test_what_some_recipients_variables_make_too_long_is_refused(client: Client, redis: "Redis") -> None:
    long = {**ADA, "variables": {"name": "x" * 500, "time": "y" * 500}}
    body = campaign(ADA, {**long, "external_id": "b"}, call_metadata={"message": "{{name}}{{time}}" * 5})
    assert list(invalid(await client.post("queue-bulk-calls", body), redis)) == ["call_metadata.message"]


async def test_bad_numbers_are_left_out_with_their_reason_if_that_is_wanted(start: Start, redis: "Redis") -> None:
    client = await start(ALLOWED_PREFIXES="+1202")
    given = ["12025550100", FIRST, 5, "+4312345678", FIRST, "+911", SECOND]
    await client.ask("PUT", f"{BASE_PATH}/do-not-call/{SECOND}")
    answer = await client.post("queue-bulk-calls", {"phone_numbers": given, "invalid_numbers": "skip"})
    loaded = answer.loaded(BulkQueued)
    assert (loaded["total_calls"], loaded["duplicates_removed"]) == (1, 1)
    assert [(one["index"], one["to_number"], one["reason"]) for one in loaded["skipped"]] == [
        (0, "12025550100", "invalid_number"),
        (2, "5", "invalid_number"),
        (3, "+4312345678", "prefix_refused"),
        (5, "+911", "prefix_refused"),
        (6, SECOND, "do_not_call"),
    ]
    assert redis.lrange(f"{keys.PREFIX}rows:{loaded['task_id']}", 0, -1) == [FIRST[1:]]


async def test_what_is_empty_is_left_out_as_any_other_that_is_no_number(client: Client, redis: "Redis") -> None:
    body = {"phone_numbers": ["", FIRST, "", SECOND], "invalid_numbers": "skip"}
    told = (await client.post("queue-bulk-calls", body)).loaded(BulkQueued)
    assert [(one["index"], one["to_number"], one["reason"]) for one in told["skipped"]] == [(0, "", "invalid_number")]
    assert told["duplicates_removed"] == 1
    assert redis.lrange(f"{keys.PREFIX}rows:{told['task_id']}", 0, -1) == [FIRST[1:], SECOND[1:]]


async def test_what_is_no_text_is_told_as_it_was_written_and_what_is_missing_as_nothing(client: Client) -> None:
    body = {"phone_numbers": [None, True, 12.5, ["+1"], FIRST], "invalid_numbers": "skip"}
    told = (await client.post("queue-bulk-calls", body)).loaded(BulkQueued)
    assert [one["to_number"] for one in told["skipped"]] == ["", "true", "12.5", '["+1"]']
    people = {"recipients": [{"external_id": "a"}, {"to_number": FIRST}], "invalid_numbers": "skip"}
    told = (await client.post("queue-bulk-calls", people)).loaded(BulkQueued)
    assert [(one["index"], one["to_number"]) for one in told["skipped"]] == [(0, "")]


async def test_recipients_without_a_variable_are_left_out_likewise(client: Client) -> None:
    body = campaign({"to_number": "x", "external_id": "q"}, ADA, {"to_number": SECOND}, invalid_numbers="skip")
    answer = await client.post("queue-bulk-calls", body)
    assert [(one["index"], one["reason"]) for one in answer.loaded(BulkQueued)["skipped"]] == [
        (0, "invalid_number"),
        (2, "missing_variable"),
    ]


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"phone_numbers": ["1", FIRST]}, "phone_numbers.0"),
        ({"phone_numbers": ["1", FIRST], "invalid_numbers": "refuse"}, "phone_numbers.0"),
        ({"phone_numbers": ["1", "+911"], "invalid_numbers": "skip"}, "phone_numbers"),
        ({"phone_numbers": [FIRST], "invalid_numbers": "drop"}, "invalid_numbers"),
        ({"phone_numbers": [FIRST], "from_numbers": []}, "from_numbers"),
        ({"phone_numbers": [FIRST], "from_numbers": ["1"], "invalid_numbers": "skip"}, "from_numbers.0"),
        ({"phone_numbers": [FIRST], "from_numbers": [f"+1202666{n:04d}" for n in range(101)]}, "from_numbers"),
        ({"phone_numbers": [FIRST], "from_numbers": [THIRD], "from_number": THIRD}, "from_numbers"),
        ({"phone_numbers": [FIRST], "from_numbers": [THIRD, FIRST]}, "phone_numbers.0"),
    ],
    ids=lambda value: str(value)[:60],
)
async def test_what_cannot_be_is_named(client: Client, redis: "Redis", fields: dict[str, Any], path: str) -> None:
    assert list(invalid(await client.post("queue-bulk-calls", fields), redis)) == [path]


async def test_a_caller_id_of_another_name_is_refused_in_a_list_too(start: Start, redis: "Redis") -> None:
    client = await start(ALLOWED_FROM_NUMBERS=THIRD)
    body = {"phone_numbers": [FIRST], "from_numbers": [THIRD, "+12025550177"]}
    assert list(invalid(await client.post("queue-bulk-calls", body), redis)) == ["from_numbers.1"]


async def test_each_number_is_called_from_one_of_several_for_ever_and_they_are_used_evenly(
    public: Client, redis: "Redis", store: Store
) -> None:
    callers = [f"+1202666000{n}" for n in range(4)]
    body = {"phone_numbers": [f"+1202555{n:04d}" for n in range(100)], "from_numbers": callers}

    async def from_of_each(count: int) -> dict[str, str]:
        task = await public.queue("queue-bulk-calls", body)
        found = {}
        for _ in range(count):
            store.pass_time(6)
            (call,) = store.ledger.admit(1)
            go = store.ledger.begin(call, "claim")
            assert isinstance(go, Go)
            found[go.call.to] = go.call.from_number
            store.outcome(call, refused("number", "No.", by_twilio=True))
        await public.cancel(task)
        return found

    first, second = await from_of_each(100), await from_of_each(20)
    assert all(first[number] == caller for number, caller in second.items())
    assert min(list(first.values()).count(caller) for caller in callers) > 12


async def test_one_refused_caller_id_of_several_holds_nothing_else_up(public: Client, store: Store) -> None:
    body = {"phone_numbers": [FIRST, SECOND], "from_numbers": ["+12026660000", "+12026660001"]}
    task = await public.queue("queue-bulk-calls", body)
    (call,) = store.ledger.admit(1)
    store.ledger.begin(call, "claim")
    store.outcome(call, refused("caller_id", "No.", by_twilio=True))
    assert store.state(call) == "rejected"
    assert "paused" not in store.task(task)


async def test_further_recipients_have_the_campaigns_variables_and_are_left_out_likewise(
    public: Client, redis: "Redis"
) -> None:
    task = await public.queue("queue-bulk-calls", campaign(ADA))
    await public.ask("PUT", f"{BASE_PATH}/do-not-call/{THIRD}")
    answer = await public.post(f"tasks/{task}/recipients", {"recipients": [BOB, {**ADA, "to_number": THIRD}]})
    assert (answer.status, answer.body["added"]) == (200, 1)
    assert answer.body["skipped"] == [{"index": 1, "to_number": THIRD, "reason": "do_not_call"}]
    assert redis.lrange(f"{keys.PREFIX}rows:{task}", 1, -1) == ["\x1f".join(["12025550101", "", "<Bob>", "elf ü"])]

    for body, path in (
        ({"phone_numbers": [SECOND]}, "phone_numbers"),
        ({"recipients": [{"to_number": SECOND, "variables": {"name": "B"}}]}, "recipients.0.variables"),
        ({"recipients": [{**BOB, "variables": {**BOB["variables"], "x": "y"}}]}, "recipients.0.variables"),
    ):
        errors = (await public.post(f"tasks/{task}/recipients", body)).body["errors"]
        assert list(errors) == [path]
