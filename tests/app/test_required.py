"""A field that must be there says so in the same words in every body, and null in its place what is wanted."""

import itertools
from typing import Any

import pytest
from aiohttp import web
from marshmallow import ValidationError, fields

from app.application import create_app
from app.settings import Settings
from tests.app.client import Client
from tests.app.refusal import refused
from tests.app.test_nulls import fields_below
from tests.app.test_refusing import GOOD, NUMBER
from tests.processes import BASE_PATH

REQUIRED = "This field is required."
CALL = {"to_number": NUMBER}
OUTCOMES = "Must be one of machine, busy, no_answer, failed."


def every_field() -> dict[str, fields.Field[Any]]:
    routes: list[web.AbstractRoute] = list(create_app(Settings.read({})).router.routes())
    asked = [asked["schema"] for route in routes for asked in getattr(route.handler, "__schemas__", ())]
    return dict(itertools.chain.from_iterable(fields_below(schema, type(schema).__name__) for schema in asked))


def test_every_required_field_of_every_body_at_every_depth_says_so_in_the_same_words() -> None:
    required = {path: field for path, field in every_field().items() if field.required}
    assert len(required) >= 10
    assert {path: field.error_messages["required"] for path, field in required.items()} == dict.fromkeys(
        required, REQUIRED
    )


def test_null_for_a_required_field_or_in_a_list_is_told_what_is_wanted() -> None:
    for path, field in every_field().items():
        one: fields.Field[Any] | None = field if field.required else getattr(field, "inner", None)
        while one is not None:
            with pytest.raises(ValidationError) as told:
                one.deserialize(None)
            assert str(told.value.messages[0]).startswith(("Must ", "Phone number must ")), path
            one = getattr(one, "inner", None)


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({"retry": {"delay_seconds": 60}}, {"retry.max_attempts": [REQUIRED]}),
        ({"retry": {"max_attempts": 2, "on": [None]}}, {"retry.on.0": [OUTCOMES, "Seen: null."]}),
        (
            {"retry": {"max_attempts": None}},
            {"retry.max_attempts": ["Must be a whole number from 1 to 10.", "Seen: null."]},
        ),
        ({"machine": {}}, {"machine.on_machine": [REQUIRED]}),
        (
            {"calling_windows": {"windows": [None]}},
            {"calling_windows.windows.0": ["Must be a JSON object.", "Seen: null."]},
        ),
    ],
)
async def test_a_part_of_a_call_that_lacks_a_field_is_told_so(
    client: Client, body: dict[str, Any], errors: dict[str, list[str]]
) -> None:
    assert refused(await client.post("queue-single-call", CALL | body), 400)["errors"] == errors


async def test_the_sentence_of_a_missing_field_begins_with_the_field(client: Client) -> None:
    task_id = await client.queue("queue-bulk-calls", GOOD["queue-bulk-calls"])
    answer = await client.ask("POST", f"{BASE_PATH}/tasks/{task_id}/retry", json={})
    assert refused(answer, 400)["detail"] == f"outcomes: {REQUIRED}"
    assert refused(await client.post("schedule-call", CALL), 400)["detail"] == f"schedule_time: {REQUIRED}"
