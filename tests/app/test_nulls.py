"""Languages with types write a field that is not set as null: it is not there."""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp import web
from marshmallow import Schema, fields
from redis import Redis

from app.application import create_app
from app.settings import Settings
from schemas import keys
from schemas.moment import NOT_A_MOMENT
from tests.app.client import QUEUE_ENDPOINTS, Client
from tests.app.refusal import E164_SENTENCE, invalid
from tests.app.test_refusing import GOOD, NUMBER

OPTIONAL = {
    "queue-single-call": ["delay_seconds"],
    "queue-bulk-calls": ["delay_between_calls", "max_concurrent_calls"],
    "schedule-call": ["timezone"],
}
SHARED = ["from_number", "webhook_url", "status_callback_url", "call_metadata"]
ALWAYS = {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "start": "00:00", "end": "24:00"}
FIELDS = [(endpoint, field) for endpoint in QUEUE_ENDPOINTS for field in SHARED + OPTIONAL[endpoint]]


def record(redis: "Redis", task_id: str) -> dict[str, Any]:
    """What Redis holds of a task, but for its times."""
    kept: dict[str, Any] = redis.hgetall(keys.task(task_id))  # type: ignore[assignment]
    return {name: value for name, value in kept.items() if not name.endswith(("_ms", "_us"))}


@pytest.mark.parametrize(("endpoint", "field"), FIELDS)
async def test_null_for_an_optional_field_is_as_if_it_were_not_there(
    client: Client, redis: "Redis", endpoint: str, field: str
) -> None:
    without = record(redis, await client.queue(endpoint, GOOD[endpoint]))
    assert record(redis, await client.queue(endpoint, GOOD[endpoint] | {field: None})) == without


@pytest.mark.parametrize("endpoint", QUEUE_ENDPOINTS)
async def test_all_optional_fields_may_be_null_at_once(client: Client, redis: "Redis", endpoint: str) -> None:
    every = dict.fromkeys(SHARED + OPTIONAL[endpoint])
    without = record(redis, await client.queue(endpoint, GOOD[endpoint]))
    assert record(redis, await client.queue(endpoint, GOOD[endpoint] | every)) == without


@pytest.mark.parametrize("key", ["message", "voice", "language", "gather_input", "machine_detection", "priority"])
async def test_null_for_a_key_of_the_metadata_that_means_something_means_nothing(
    client: Client, redis: "Redis", key: str
) -> None:
    task_id = await client.queue("queue-single-call", {"to_number": NUMBER, "call_metadata": {key: None}})
    without = record(redis, await client.queue("queue-single-call", {"to_number": NUMBER}))
    assert without.items() <= record(redis, task_id).items()


@pytest.mark.parametrize(
    ("option", "nulls"),
    [
        ({"gather": {"num_digits": 2}}, {"timeout_seconds": None, "prompt": None}),
        ({"gather": {"timeout_seconds": 3}}, {"num_digits": None}),
        ({"machine": {"on_machine": "hang_up"}}, {"message": None}),
        ({"retry": {"max_attempts": 3}}, {"delay_seconds": None, "next_window": None, "on": None}),
        ({"retry": {"max_attempts": 3, "delay_seconds": 60}}, {"next_window": None}),
        ({"calling_windows": {"windows": [ALWAYS]}}, {"timezone": None, "days_off": None}),
    ],
)
async def test_null_within_an_option_is_as_if_it_were_not_there(
    public: Client, redis: "Redis", option: dict[str, Any], nulls: dict[str, None]
) -> None:
    ((name, given),) = option.items()
    without = record(redis, await public.queue("queue-single-call", {"to_number": NUMBER, **option}))
    task_id = await public.queue("queue-single-call", {"to_number": NUMBER, name: given | nulls})
    assert record(redis, task_id) == without
    assert (await public.status(task_id)).status == 200


async def test_null_within_what_stops_a_campaign_is_as_if_it_were_not_there(client: Client, redis: "Redis") -> None:
    given: dict[str, Any] = {"of_last": 20, "failed_share": 0.5}
    nulls = dict.fromkeys(["short_call_share", "short_call_seconds", "opt_out_share"])
    body = GOOD["queue-bulk-calls"]
    without = record(redis, await client.queue("queue-bulk-calls", body | {"stop_if": given}))
    assert record(redis, await client.queue("queue-bulk-calls", body | {"stop_if": given | nulls})) == without


def test_every_field_that_need_not_be_there_may_be_null_in_every_body_at_every_depth() -> None:
    routes: list[web.AbstractRoute] = list(create_app(Settings.read({})).router.routes())
    asked = [asked["schema"] for route in routes for asked in getattr(route.handler, "__schemas__", ())]
    fields_of = dict(itertools.chain.from_iterable(fields_below(schema, type(schema).__name__) for schema in asked))

    assert len(fields_of) > 80
    assert [path for path, field in fields_of.items() if not field.required and not field.allow_none] == []


def fields_below(schema: Schema, path: str) -> Iterator[tuple[str, fields.Field[Any]]]:
    for name, field in schema.load_fields.items():
        yield f"{path}.{name}", field
        inner = field
        while isinstance(inner, fields.List):
            inner = inner.inner
        if isinstance(inner, fields.Nested):
            yield from fields_below(inner.schema, f"{path}.{name}")


@pytest.mark.parametrize("endpoint", QUEUE_ENDPOINTS)
async def test_with_an_idempotency_key_too_null_and_nothing_are_the_same(client: Client, endpoint: str) -> None:
    without, every = GOOD[endpoint], GOOD[endpoint] | dict.fromkeys(SHARED + OPTIONAL[endpoint])
    for number, (first, second) in enumerate(itertools.permutations([without, every])):
        header = {"Idempotency-Key": f"key-{number}"}
        task_id = await client.queue(endpoint, first, **header)
        assert await client.queue(endpoint, second, **header) == task_id


@pytest.mark.parametrize(
    ("endpoint", "field", "sentence"),
    [
        ("queue-single-call", "to_number", E164_SENTENCE),
        ("schedule-call", "to_number", E164_SENTENCE),
        ("queue-bulk-calls", "phone_numbers", "This field is required, unless there are recipients."),
        ("schedule-call", "schedule_time", NOT_A_MOMENT),
        ("queue-single-call", "nothing_of_ours", "Unknown field."),
    ],
)
async def test_null_for_a_field_that_must_be_there_or_is_unknown_is_refused(
    client: Client, redis: "Redis", endpoint: str, field: str, sentence: str
) -> None:
    answer = await client.post(endpoint, GOOD[endpoint] | {field: None})
    assert invalid(answer, redis) == {field: [sentence]}


async def test_a_number_of_a_campaign_that_is_null_is_no_number(client: Client, redis: "Redis") -> None:
    answer = await client.post("queue-bulk-calls", {"phone_numbers": [NUMBER, None], "from_number": None})
    assert invalid(answer, redis) == {"phone_numbers.1": [E164_SENTENCE]}
    assert answer.body["detail"] == f"phone_numbers.1: {E164_SENTENCE}; seen: null"
