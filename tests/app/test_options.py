"""What a client may want of a call besides its message: taken, refused, or without effect."""

from typing import Any

import pytest
from redis import Redis

from schemas import keys
from tests.app.client import ANSWER, PUBLIC, QUEUE_ENDPOINTS, STATUS, Client
from tests.app.conftest import Start
from tests.app.refusal import invalid
from tests.app.test_refusing import GOOD
from tests.app.twilio import event, post
from tests.processes import FROM_NUMBER
from tests.scripts.conftest import Store

LINE = {"ring_timeout_seconds": 15, "max_call_seconds": 60, "send_digits": "0123456789abcdABCD#*wW", "record": True}
ONE_CALL = ("queue-single-call", "schedule-call")


@pytest.mark.parametrize("endpoint", QUEUE_ENDPOINTS)
async def test_options_of_the_line_are_recorded(client: Client, redis: "Redis", endpoint: str) -> None:
    task = await client.queue(endpoint, GOOD[endpoint] | LINE)
    given = {name: str(value) for name, value in LINE.items()} | {"record": "1"}
    assert redis.hgetall(keys.task(task)).items() >= given.items()
    plain = await client.queue(endpoint, GOOD[endpoint] | {"record": False})
    assert not redis.hgetall(keys.task(plain)).keys() & LINE.keys()


@pytest.mark.parametrize("endpoint", QUEUE_ENDPOINTS)
@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("ring_timeout_seconds", [14, 121, 20.5, "20", True]),
        ("max_call_seconds", [59, 3601, 14_401, "60"]),
        ("send_digits", ["", "e", "1" * 33, "12 3", "1\n", 12]),
        ("record", ["yes", "true", 1, 0]),
        ("priority", ["urgent", "", 1, "HIGH"]),
    ],
)
async def test_what_twilio_or_the_operator_would_not_take_is_refused(
    client: Client, redis: "Redis", endpoint: str, field: str, values: list[object]
) -> None:
    for value in values:
        assert list(invalid(await client.post(endpoint, GOOD[endpoint] | {field: value}), redis)) == [field]


async def test_a_call_lasts_no_longer_than_the_operator_says(start: Start, redis: "Redis") -> None:
    client = await start(MAX_CALL_SECONDS="120")
    body = GOOD["queue-single-call"]
    answer = await client.post("queue-single-call", body | {"max_call_seconds": 121})
    assert invalid(answer, redis) == {"max_call_seconds": ["Must be a whole number from 60 to 120, MAX_CALL_SECONDS."]}
    await client.queue("queue-single-call", body | {"max_call_seconds": 120})


@pytest.mark.parametrize("endpoint", QUEUE_ENDPOINTS)
@pytest.mark.parametrize(
    ("fields", "rank"),
    [
        ({"priority": "high"}, "1"),
        ({"priority": "low", "call_metadata": {"priority": "low"}}, "3"),
        ({"priority": "high", "call_metadata": {"other": 1}}, "1"),
        ({"priority": None, "call_metadata": {"priority": "low"}}, "3"),
    ],
)
async def test_priority_is_a_field_of_its_own(
    client: Client, redis: "Redis", endpoint: str, fields: dict[str, Any], rank: str
) -> None:
    assert redis.hget(keys.task(await client.queue(endpoint, GOOD[endpoint] | fields)), "rank") == rank


@pytest.mark.parametrize("endpoint", QUEUE_ENDPOINTS)
async def test_two_different_priorities_are_refused(client: Client, redis: "Redis", endpoint: str) -> None:
    fields = {"priority": "high", "call_metadata": {"priority": "normal"}}
    errors = invalid(await client.post(endpoint, GOOD[endpoint] | fields), redis)
    assert list(errors) == ["priority"]


def templated(endpoint: str, message: str, variables: Any, **fields: Any) -> dict[str, Any]:
    return GOOD[endpoint] | {"call_metadata": {"message": message}, "variables": variables} | fields


@pytest.mark.parametrize("endpoint", ONE_CALL)
async def test_whoever_answers_hears_what_the_variables_stand_for(public: Client, endpoint: str) -> None:
    body = templated(endpoint, "Dear {{ name }},{{pause 2}}goodbye.", {"name": "<Ada> & {{name}}"})
    call = await public.queue(endpoint, body)
    form = {"CallSid": "CA1", "From": FROM_NUMBER, "To": body["to_number"]}
    status, text = await post(public, f"{ANSWER}?call={call}", form)
    if endpoint == "schedule-call":
        assert status == 200
    said = '<Say>Dear &lt;Ada&gt; &amp; {{name}},</Say><Pause length="2" /><Say>goodbye.</Say><Hangup />'
    assert f"<Response>{said}</Response>" in text


@pytest.mark.parametrize("endpoint", ONE_CALL)
@pytest.mark.parametrize(
    ("given", "path"),
    [
        ([], "variables"),
        ({f"v{number}": "" for number in range(21)}, "variables"),
        ({"1st": ""}, "variables.1st"),
        ({"a" * 41: ""}, f"variables.{'a' * 41}"),
        ({"pause": ""}, "variables.pause"),
        ({"ä": ""}, "variables.ä"),
        ({"a": 5}, "variables.a"),
        ({"a": None}, "variables.a"),
        ({"a": "x" * 501}, "variables.a"),
    ],
    ids=ascii,
)
async def test_variables_that_are_none_are_refused(
    client: Client, redis: "Redis", endpoint: str, given: Any, path: str
) -> None:
    answer = await client.post(endpoint, templated(endpoint, "Hi", given))
    assert list(invalid(answer, redis)) == [path]


@pytest.mark.parametrize("endpoint", QUEUE_ENDPOINTS)
@pytest.mark.parametrize("message", ["Hi {{name}}", "{{", "{{pause 11}}", "{{{name}}}"])
async def test_a_message_that_would_be_read_out_with_its_braces_is_refused(
    client: Client, redis: "Redis", endpoint: str, message: str
) -> None:
    answer = await client.post(endpoint, GOOD[endpoint] | {"call_metadata": {"message": message}})
    assert list(invalid(answer, redis)) == ["call_metadata.message"]


async def test_twenty_variables_of_five_hundred_characters_are_taken(client: Client) -> None:
    variables = {f"{'a' * 38}{number:02}": "x" * 500 for number in range(20)}
    await client.queue("queue-single-call", templated("queue-single-call", "Hi", variables))


async def test_what_variables_make_too_long_to_be_spoken_is_refused(client: Client, redis: "Redis") -> None:
    body = templated("queue-single-call", "{{a}} " * 10, {"a": "x" * 500})
    errors = invalid(await client.post("queue-single-call", body), redis)
    assert "with what its variables stand for" in errors["call_metadata.message"][0]


@pytest.mark.parametrize(
    ("fields", "settings", "warned"),
    [
        (LINE, {"PUBLIC_BASE_URL": PUBLIC}, []),
        ({"record": True}, {}, ["record leaves result.recording_sid empty"]),
        (
            {"variables": {"a": "b"}, "webhook_url": "https://client.example/"},
            {},
            ["variables has no effect: webhook_url"],
        ),
        (
            {"send_digits": "1", "call_metadata": {"machine_detection": "enable"}},
            {},
            ["call_metadata.machine_detection has no effect"],
        ),
    ],
    ids=str,
)
async def test_options_without_effect_are_told(
    start: Start, fields: dict[str, Any], settings: dict[str, str], warned: list[str]
) -> None:
    client = await start(**settings)
    answer = await client.post("queue-single-call", GOOD["queue-single-call"] | fields)
    assert len(answer.body["warnings"]) == len(warned)
    assert all(map(str.startswith, answer.body["warnings"], warned))


@pytest.mark.parametrize("ended", [False, True])
async def test_a_recording_is_shown_and_its_news_change_no_status(public: Client, store: Store, ended: bool) -> None:
    call = store.placed()
    for sequence in (1, 3) if ended else (1,):
        await post(public, f"{STATUS}?call={call}", event(sequence))
    before = store.task(call)
    form = {"CallSid": "CA1", "RecordingSid": "RE0", "RecordingStatus": "absent"}
    assert (await post(public, f"{STATUS}?call={call}", form))[0] == 204
    assert "recording_sid" not in store.task(call)
    await post(public, f"{STATUS}?call={call}", form | {"RecordingStatus": "completed"})

    after = store.task(call)
    assert after.pop("recording_sid") == "RE0"
    assert {**after, "updated_ms": ""} == {**before, "updated_ms": ""}
    assert (await public.status(call)).body["result"]["recording_sid"] == "RE0"


async def test_the_end_of_a_recorded_call_tells_of_the_recording(public: Client, store: Store) -> None:
    call = store.placed()
    await post(public, f"{STATUS}?call={call}", event(3) | {"RecordingSid": "RE1", "RecordingUrl": "https://x"})
    assert store.task(call)["recording_sid"] == "RE1"
