"""
What finds what the OpenAPI document does not tell, and what its examples are made of.

That nothing is missing is held by tests/app/test_openapi.py.
"""

import re
from typing import Any

import pytest

from app.application import create_app
from app.documentation.openapi import kept
from app.settings import Settings
from schemas.bodies.metadata import _KNOWN_KEYS
from tests.docs.textbook import Textbook


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return kept(create_app(Settings.read({})))


def test_what_is_missing_is_found_and_told_with_where_to_add_it() -> None:
    told = {"schema": {"type": "object", "properties": {"size": {"type": "integer", "default": 3}}}}
    operation = {
        "summary": "Measure a thing",
        "parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer"}, "example": 1}],
        "responses": {"200": {"description": "", "content": {"application/json": told}}},
    }
    document = {
        "paths": {"/size": {"get": operation}},
        "webhooks": {},
        "components": {"schemas": {"Size": told["schema"]}},
    }
    gaps = [str(gap) for gap in Textbook(document).gaps()]

    beginnings = [gap.partition(";")[0] for gap in gaps]
    assert beginnings == [
        "GET /size: no description that tells more than the summary",
        "GET /size, parameter limit: an example that the page would send, instead of one in the description",
        "GET /size, answer 200: no description",
        "GET /size, answer 200 (application/json): no example",
        "Size: no description",
        "Size.size: no description",
        "Size.size: no example",
        "Size.size: no least value (validate.Range)",
        "Size.size: no word of its default in its description",
    ]
    assert all("; add it to " in gap for gap in gaps)


def test_an_example_that_is_not_as_its_schema_says_is_found() -> None:
    header = {"description": "Seconds", "schema": {"type": "integer", "minimum": 1}, "example": 0}
    operation = {
        "summary": "a",
        "description": "abc",
        "responses": {"200": {"description": "b", "headers": {"X": header}}},
    }
    document = {"paths": {"/": {"get": operation}}, "webhooks": {}, "components": {"schemas": {}}}

    assert ["is less than the minimum" in str(gap) for gap in Textbook(document).gaps()] == [True]


def test_every_key_of_the_metadata_that_means_something_is_described(document: dict[str, Any]) -> None:
    for schema in ("QueueSingleCall", "QueueBulkCalls", "ScheduleCall"):
        told = document["components"]["schemas"][schema]["properties"]["call_metadata"]["properties"]
        assert set(told) == set(_KNOWN_KEYS)


def test_examples_hold_fictional_numbers_only(document: dict[str, Any]) -> None:
    """+1 202 555 0100 to 0199 belong to nobody."""
    for operation in Textbook(document).operations():
        for content in operation.get("requestBody", {}).get("content", {}).values():
            numbers = re.findall(r"\+\d{6,}", str([content.get("examples"), content.get("example")]))
            assert all(number.startswith("+120255501") for number in numbers), operation["operationId"]
