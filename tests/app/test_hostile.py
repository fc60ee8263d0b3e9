"""What hostile input finds: ids that name other keys, webhooks with odd fields, words that look like XML, odd paths."""

from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest

from schemas import keys
from tests.app.client import ANSWER, STATUS, Client
from tests.app.refusal import refused
from tests.app.twilio import event, post
from tests.processes import BASE_PATH, FROM_NUMBER
from tests.scripts.conftest import Store

NUMBER = "+12025550100"
SCRIPT = "</Say><Dial>+882999</Dial><Say>"


def everything(store: Store) -> dict[str, Any]:
    """All that Redis holds of ours, as it stands."""
    return {name: store.redis.dump(name) for name in store.redis.scan_iter(keys.PREFIX + "*") if ":asked:" not in name}


@pytest.mark.parametrize(
    "name",
    [
        "{id}:state",
        "{id}\0",
        "{id}\r\nDEL tw:task:{id}",
        "../task:{id}",
        "task:{id}",
        "tw:task:{id}",
        "{id}-2",
        "{id}-01",
        "{id}' .. call('FLUSHALL') .. '",
        "*",
        "[{id}]",
        "later",
        "../sid:CA1",
        "' or '1'='1",
    ],
)
async def test_an_id_that_names_another_key_reaches_nothing(client: Client, store: Store, name: str) -> None:
    task_id = await client.queue("queue-bulk-calls", {"phone_numbers": [NUMBER]})
    before = everything(store)
    odd = quote(name.replace("{id}", task_id), safe="")
    for method, endpoint in (("GET", "task-status"), ("DELETE", "cancel-task"), ("DELETE", "tasks")):
        refused(await client.ask(method, f"{BASE_PATH}/{endpoint}/{odd}"), 404)

    assert everything(store) == before


@pytest.mark.parametrize(
    "changed",
    [
        {"CallSid": "x" * 100_000},
        {"CallSid": "CA1\r\nSET tw:task:x y"},
        {"CallSid": "../task:{id}"},
        {"SequenceNumber": "\u0661"},
        {"SequenceNumber": "9" * 400},
        {"SequenceNumber": "1e309"},
        {"SequenceNumber": "+inf"},
        {"SequenceNumber": "-1"},
        {"AnsweredBy": SCRIPT, "CallStatus": ""},
        {"AnsweredBy": "x" * 100_000, "CallStatus": ""},
        {"CallStatus": "ended"},
        {"CallStatus": "state"},
        {"state": "waiting", "to": "+882999", "CallStatus": ""},
    ],
    ids=str,
)
async def test_a_signed_webhook_with_hostile_fields_changes_no_record_and_makes_no_key(
    public: Client, store: Store, changed: dict[str, str]
) -> None:
    call = store.placed()
    before, names = store.task(call), set(everything(store))
    form = event(1) | {name: value.replace("{id}", call) for name, value in changed.items()}

    assert (await post(public, f"{STATUS}?call={call}", form))[0] == (403 if "CallSid" in changed else 204)
    after = store.task(call)
    if "CallSid" not in changed:
        assert after == before
    assert (after["sid"], after["to"]) == (before["sid"], before["to"])
    assert set(everything(store)) == names
    assert (await public.status(call)).status == 200


@pytest.mark.parametrize(
    "more", [{f"x{place}": "" for place in range(1000)}, {"x": "%" * 50_000}], ids=["many", "long"]
)
async def test_a_webhook_larger_than_twilios_is_refused_even_signed_so_that_reading_it_holds_nobody_up(
    public: Client, store: Store, more: dict[str, str]
) -> None:
    call = store.placed()
    before = store.task(call)

    assert (await post(public, f"{STATUS}?call={call}", event(1) | more))[0] == 403
    assert store.task(call) == before


@pytest.mark.parametrize("duration", ["9" * 5000, "\u0661", "-7", "7.5", SCRIPT])
async def test_a_duration_that_is_none_leaves_the_rest_of_the_event(
    public: Client, store: Store, duration: str
) -> None:
    call = store.placed()
    await post(public, f"{STATUS}?call={call}", event(3) | {"CallDuration": duration, "Timestamp": duration})

    result = (await public.status(call)).body["result"]
    assert (result["call_status"], result["duration_seconds"], result["ended_at"]) == ("completed", None, None)


@pytest.mark.parametrize("call", ["%00", "*", "../idem", "x%0D%0ASET%20a%20b", "CA1", "task", "%F0%9F%98%80"])
async def test_a_webhook_for_an_id_that_names_another_key_changes_nothing(
    public: Client, store: Store, call: str
) -> None:
    store.placed()
    before = everything(store)
    for path in (STATUS, ANSWER):
        assert (await post(public, f"{path}?call={call}", event(3)))[0] in {200, 204}
    assert everything(store) == before


@pytest.mark.parametrize("digits", ["5" * 33, "5;", "<5>", "E", "\u0665"])
async def test_digits_that_no_telephone_has_are_not_kept(public: Client, store: Store, digits: str) -> None:
    call = store.placed()
    await post(public, f"{ANSWER}?call={call}", {"CallSid": "CA1", "Digits": digits})

    assert "digits" not in store.task(call)


@pytest.mark.parametrize("gather", [True, False])
@pytest.mark.parametrize("field", ["message", "voice", "language"])
@pytest.mark.parametrize(
    "words", [SCRIPT, '"/><Dial>+882999</Dial><x y="', "&x;<!DOCTYPE a>", "]]><![CDATA[", "\0\x1b"]
)
async def test_no_word_of_a_client_becomes_an_element_of_twiml(
    public: Client, store: Store, field: str, words: str, gather: bool
) -> None:
    metadata = {"message": "Hello", field: words, "gather_input": gather}
    call = await public.queue("queue-single-call", {"to_number": NUMBER, "call_metadata": metadata})
    _, text = await post(public, f"{ANSWER}?call={call}", {"CallSid": "CA1", "To": NUMBER, "From": FROM_NUMBER})

    answer = ET.fromstring(text)
    assert {element.tag for element in answer.iter()} == {"Response", "Say", "Hangup"} | (
        {"Gather"} if gather else set()
    )
    (say,) = answer.iter("Say")
    assert set(say.attrib) == set()
    assert field != "message" or not words.isprintable() or say.text == words


@pytest.mark.parametrize(
    "path",
    [
        "..%2f..%2f..%2fetc%2fpasswd",
        "%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "....//....//etc/passwd",
        "..%5c..%5cetc%5cpasswd",
        "%2fetc%2fpasswd",
        "//etc/passwd",
        "%252e%252e%252fetc%252fpasswd",
        "swagger-ui.css%00.png",
        "",
        ".",
    ],
)
async def test_no_path_leads_out_of_the_folder_of_static_files(client: Client, path: str) -> None:
    answer = await client.ask("GET", f"/api/docs/static/{path}")
    assert "root:" not in answer.text
    refused(answer, 404)
