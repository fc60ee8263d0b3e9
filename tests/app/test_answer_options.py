"""machine, gather and opt_out_digit: what whoever answers is told, and what cannot be asked for."""

from typing import Any
from xml.etree import ElementTree as ET

import pytest
from redis import Redis

from app.errors import LedgerAway
from app.store.do_not_call import DoNotCall
from schemas import keys
from tests.app.client import ANSWER, PUBLIC, QUEUE_ENDPOINTS, Client
from tests.app.conftest import Start
from tests.app.refusal import invalid
from tests.app.test_refusing import GOOD
from tests.app.test_tenants import API_KEYS, ask
from tests.app.twilio import post
from tests.processes import BASE_PATH, FROM_NUMBER

NUMBER = "+12025550100"
MESSAGE = {"message": "Dear {{name}}, hello.", "voice": "alice"}
ONE: dict[str, Any] = {"to_number": NUMBER, "call_metadata": MESSAGE, "variables": {"name": "Ada"}}
LEAVE = {"on_machine": "leave_message", "message": "{{name}}, please call back."}
HANG_UP = {"on_machine": "hang_up"}


async def answered(client: Client, call: str, **form: str) -> ET.Element:
    form = {"CallSid": "CA1", "From": FROM_NUMBER, "To": NUMBER, **form}
    status, text = await post(client, f"{ANSWER}?call={call}", form)
    assert status == 200
    return ET.fromstring(text)


def said(answer: ET.Element) -> list[str]:
    return [say.text or "" for say in answer.iter("Say")]


async def queued(client: Client, redis: "Redis", **fields: Any) -> str:
    """A call that Twilio may have."""
    call = await client.queue("queue-single-call", ONE | fields)
    redis.hset(keys.task(call), "state", "dialling")
    return call


@pytest.mark.parametrize(
    ("machine", "answered_by", "heard"),
    [
        (LEAVE, "human", ["Dear Ada, hello."]),
        (LEAVE, "unknown", ["Dear Ada, hello."]),
        (LEAVE, "machine_end_beep", ["Ada, please call back."]),
        (LEAVE, "machine_end_silence", ["Ada, please call back."]),
        (LEAVE, "machine_end_other", ["Ada, please call back."]),
        ({"on_machine": "leave_message"}, "machine_end_beep", ["Dear Ada, hello."]),
        (LEAVE, "fax", []),
        (HANG_UP, "machine_start", []),
        (HANG_UP, "fax", []),
        (HANG_UP, "human", ["Dear Ada, hello."]),
        (HANG_UP, "unknown", ["Dear Ada, hello."]),
        ({"on_machine": "speak"}, "machine_start", ["Dear Ada, hello."]),
    ],
)
async def test_a_person_hears_the_message_and_a_machine_what_is_for_it(
    public: Client, redis: "Redis", machine: dict[str, str], answered_by: str, heard: list[str]
) -> None:
    call = await queued(public, redis, machine=machine, gather={"prompt": "Press 1."})
    answer = await answered(public, call, AnsweredBy=answered_by)
    asked = not answered_by.startswith(("machine", "fax"))
    assert said(answer) == heard + (["Press 1."] if asked else [])
    assert (answer.find("Gather") is not None) is asked
    assert answer[-1].tag == "Hangup"
    assert all(say.attrib == {"voice": "alice"} for say in answer.iter("Say"))
    assert redis.hget(keys.task(call), "answered_by") == answered_by


@pytest.mark.parametrize(
    ("gather", "told"),
    [
        ({}, {"numDigits": "1", "timeout": "8", "finishOnKey": ""}),
        ({"num_digits": 20, "timeout_seconds": 30}, {"numDigits": "20", "timeout": "30", "finishOnKey": "#"}),
    ],
)
async def test_of_one_key_every_key_counts_and_several_are_ended_by_one(
    public: Client, redis: "Redis", gather: dict[str, int], told: dict[str, str]
) -> None:
    call = await queued(public, redis, gather=gather)
    found = (await answered(public, call)).find("Gather")
    assert found is not None
    assert found.attrib.items() >= told.items()
    assert f"call={call}" in found.attrib["action"]
    assert said(await answered(public, call, Digits="1#2")) == ["Thank you. Goodbye."]
    assert (await public.status(call)).body["result"]["digits"] == "1#2"


async def test_an_end_without_a_key_is_no_reason_to_say_it_all_again(public: Client, redis: "Redis") -> None:
    call = await queued(public, redis, gather={"num_digits": 4})
    assert said(await answered(public, call, Digits="")) == ["Thank you. Goodbye."]


@pytest.mark.parametrize("more", [{}, {"gather": {}}, {"call_metadata": {"gather_input": True}}], ids=str)
async def test_where_one_key_is_asked_for_it_may_be_the_one_that_would_end_several(
    public: Client, redis: "Redis", more: dict[str, Any]
) -> None:
    call = await queued(public, redis, opt_out_digit="#", **more)
    gather = (await answered(public, call)).find("Gather")
    assert gather is not None
    assert gather.attrib["finishOnKey"] == ""
    assert said(await answered(public, call, Digits="#")) == ["You will not be called again. Goodbye."]


@pytest.mark.parametrize("more", [{}, {"gather": {"num_digits": 4}}, {"call_metadata": {"gather_input": True}}])
async def test_whoever_opts_out_is_on_the_list_before_being_told_so(
    public: Client, redis: "Redis", more: dict[str, Any]
) -> None:
    call = await queued(public, redis, opt_out_digit="9", **more)
    assert (await answered(public, call)).find("Gather") is not None
    for digits in ("1", "91", "*"):
        assert said(await answered(public, call, Digits=digits)) == ["Thank you. Goodbye."]
        assert not redis.exists(keys.OPTOUT_LISTS)
    assert said(await answered(public, call, Digits="9")) == ["You will not be called again. Goodbye."]
    entry = (await public.ask("GET", f"{BASE_PATH}/do-not-call/{NUMBER}")).body
    assert (entry["call_id"], entry["way"], entry["added_by"]) == (call, "key_press", None)
    assert redis.hget(keys.task(call), "digits") == "9"
    assert (await public.post("queue-single-call", {"to_number": NUMBER})).status == 403


async def test_an_opt_out_that_could_not_be_stored_is_no_thank_you(
    public: Client, redis: "Redis", monkeypatch: pytest.MonkeyPatch
) -> None:
    call = await queued(public, redis, opt_out_digit="9")

    async def away(*_: object) -> None:
        raise LedgerAway

    monkeypatch.setattr(DoNotCall, "add", away)
    assert said(await answered(public, call, Digits="9")) == [
        "We could not note what you pressed. Please call us again. Goodbye."
    ]


async def test_with_redis_away_a_pressed_key_is_answered_with_a_sentence(start: Start) -> None:
    cut_off = await start(PUBLIC_BASE_URL=PUBLIC, REDIS_URL="redis://127.0.0.1:1/0")
    assert "Please call us again" in said(await answered(cut_off, "some", Digits="9"))[0]


async def test_the_list_is_that_of_whose_task_it_is(start: Start) -> None:
    client = await start(API_KEYS=API_KEYS, ADMIN_KEYS="root", PUBLIC_BASE_URL=PUBLIC)
    body = {"phone_numbers": [NUMBER], "opt_out_digit": "9"}
    task = (await ask(client, "alice", "POST", f"{BASE_PATH}/queue-bulk-calls", body)).body["task_id"]
    single = (await ask(client, "bob", "POST", f"{BASE_PATH}/queue-single-call", ONE | {"opt_out_digit": "#"})).body
    await answered(client, single["task_id"], Digits="#")
    statuses = [
        (await ask(client, name, "GET", f"{BASE_PATH}/do-not-call/{NUMBER}")).status
        for name in ("alice", "bob", "root")
    ]
    assert statuses == [404, 200, 404]
    assert task


@pytest.mark.parametrize("endpoint", QUEUE_ENDPOINTS)
@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"machine": {}}, "machine.on_machine"),
        ({"machine": {"on_machine": "shout"}}, "machine.on_machine"),
        ({"machine": {"on_machine": "hang_up", "loud": 1}}, "machine.loud"),
        ({"machine": {"on_machine": "hang_up", "message": "Hi"}}, "machine.message"),
        ({"machine": {"on_machine": "leave_message", "message": ""}}, "machine.message"),
        ({"machine": {"on_machine": "leave_message", "message": "Hi {{nobody}}"}}, "machine.message"),
        ({"machine": HANG_UP, "send_digits": "1"}, "machine"),
        ({"machine": HANG_UP, "call_metadata": {"machine_detection": "enable"}}, "machine"),
        ({"machine": "hang_up"}, "machine"),
        ({"gather": {"num_digits": 0}}, "gather.num_digits"),
        ({"gather": {"num_digits": 21}}, "gather.num_digits"),
        ({"gather": {"timeout_seconds": 0}}, "gather.timeout_seconds"),
        ({"gather": {"prompt": "x" * 3001}}, "gather.prompt"),
        ({"gather": {"prompt": "{{"}}, "gather.prompt"),
        ({"gather": {"prompt": "&" * 3000}, "call_metadata": {"message": "&" * 11_000}}, "gather.prompt"),
        ({"gather": {}, "call_metadata": {"gather_input": True}}, "gather"),
        ({"gather": [1]}, "gather"),
        ({"opt_out_digit": "10"}, "opt_out_digit"),
        ({"opt_out_digit": "A"}, "opt_out_digit"),
        ({"opt_out_digit": "#", "gather": {"num_digits": 2}}, "opt_out_digit"),
        ({"opt_out_digit": 9}, "opt_out_digit"),
        ({"machine": HANG_UP, "webhook_url": "https://client.example/"}, "machine"),
        ({"gather": {}, "webhook_url": "https://client.example/"}, "gather"),
        ({"opt_out_digit": "9", "webhook_url": "https://client.example/"}, "opt_out_digit"),
    ],
    ids=lambda value: str(value)[:60],
)
async def test_what_cannot_be_asked_for_is_named(
    public: Client, redis: "Redis", endpoint: str, fields: dict[str, Any], path: str
) -> None:
    assert list(invalid(await public.post(endpoint, GOOD[endpoint] | fields), redis)) == [path]


@pytest.mark.parametrize("fields", [{"machine": HANG_UP}, {"gather": {}}, {"opt_out_digit": "9"}], ids=str)
async def test_without_a_public_url_none_of_it_can_be(client: Client, redis: "Redis", fields: dict[str, Any]) -> None:
    errors = invalid(await client.post("queue-single-call", GOOD["queue-single-call"] | fields), redis)
    assert list(errors) == list(fields)
    assert "PUBLIC_BASE_URL" in next(iter(errors.values()))[0]


async def test_a_campaigns_calls_have_its_options(public: Client, redis: "Redis") -> None:
    fields = {"machine": LEAVE | {"message": "Bye."}, "gather": {"num_digits": 2}, "opt_out_digit": "9"}
    task = await public.queue("queue-bulk-calls", {"phone_numbers": [NUMBER]} | fields)
    call = f"{task}-1"
    told: dict[Any, Any] = {"kind": "bulk_call", "bulk": task, "state": "placed", "to": NUMBER, "sid": "CA1"}
    redis.hset(keys.task(call), mapping=told | dict.fromkeys(("created_ms", "updated_ms", "due_ms"), "1"))
    assert said(await answered(public, call, AnsweredBy="machine_end_beep")) == ["Bye."]
    found = (await answered(public, call, AnsweredBy="human")).find("Gather")
    assert found is not None
    assert found.attrib["numDigits"] == "2"
