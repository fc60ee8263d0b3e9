"""A body is read alike by the whole schema and field by field."""

from collections.abc import Callable
from functools import partial
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError, fields, post_load, pre_load, validates, validates_schema

from schemas.bodies.campaigns.recipients import Recipient, Recipients
from schemas.bodies.requests import QueueBulkCalls, QueueSingleCall, ScheduleCall, load

NUMBER = st.sampled_from(["+12025550123", "+1", "12025550123", None, 5, "", "+12025550123\n"])
URL = st.sampled_from(["https://example.com/x", "ftp://example.com", "https://a:b@example.com", None, 1])
METADATA: st.SearchStrategy[Any] = st.sampled_from(
    [{}, {"priority": "high"}, {"priority": "first"}, {"message": 1}, [], None, {"a": {"b": [1]}}]
)
BODIES = st.fixed_dictionaries(
    {},
    optional={
        "to_number": NUMBER,
        "phone_numbers": st.lists(NUMBER, max_size=3) | st.none(),
        "from_number": NUMBER,
        "webhook_url": URL,
        "status_callback_url": URL,
        "call_metadata": METADATA,
        "delay_seconds": st.sampled_from([0, 10.0, -1, 3601, True, "5", None]),
        "delay_between_calls": st.sampled_from([1, 0, 301, 2.5]),
        "max_concurrent_calls": st.sampled_from([1, 51]),
        "schedule_time": st.sampled_from(["2000-01-01T00:00:00Z", "tomorrow", 3]),
        "timezone": st.sampled_from(["Europe/Vienna", "Mars/Olympus", None]),
        "sneaky": st.just(1),
        "_schema": st.just(1),
    },
)


def given(kind: type[Schema], body: Any) -> Any:
    """The body without fields that are null and need not be there."""
    if not isinstance(body, dict):
        return body
    optional = {name for name, field in kind().load_fields.items() if not field.required}
    return {name: value for name, value in body.items() if value is not None or name not in optional}


def outcome(load_body: Callable[[Any], Any], body: Any) -> object:
    try:
        return load_body(body)
    except ValidationError as error:
        return error.messages


@pytest.mark.parametrize("kind", [QueueSingleCall, QueueBulkCalls, ScheduleCall])
@for_all(body=BODIES | st.none() | st.lists(st.integers(), max_size=2) | st.text(max_size=5))
def test_what_is_left_out_makes_no_difference(kind: type[Schema], body: Any) -> None:
    assert outcome(partial(load, kind()), body) == outcome(kind().load, given(kind, body))


ODD: st.SearchStrategy[Any] = st.sampled_from([None, "", "a", 5, ["a"], {}, "x" * 201, "+1\n"])
NAMES = st.sampled_from(["a", "A_9", "9", "pause", "é", "x" * 41])
RECIPIENTS = st.fixed_dictionaries(
    {},
    optional={
        "to_number": NUMBER,
        "external_id": ODD,
        "variables": ODD
        | st.dictionaries(NAMES, ODD | st.just("x" * 501), max_size=2)
        | st.just({f"v{place}": "" for place in range(21)}),
        "timezone": ODD | st.sampled_from(["Europe/Vienna", "Mars/Olympus"]),
        "expires_at": ODD | st.sampled_from(["2030-01-15T14:00:00Z", "2030-01-15T14:00:00", "2030-02-31T14:00:00Z"]),
        "sneaky": st.just(1),
    },
)


@for_all(item=RECIPIENTS | ODD)
def test_a_recipient_is_read_as_its_schema_reads_it(item: Any) -> None:
    def alone(item: Any) -> Any:
        (read,) = Recipients().deserialize([item])
        return read

    expected = outcome(Recipient().load, item)
    told = outcome(alone, item)
    assert told in (expected, {0: expected})


GOOD = {
    "from_number": "+12025550100",
    "webhook_url": "https://example.com/x",
    "status_callback_url": "http://example.com",
    "call_metadata": {"priority": "low", "n": 1},
}
ONE = {"to_number": "+12025550123"}
KINDS = [
    (QueueSingleCall, ONE, {"delay_seconds": 10.0}),
    (QueueBulkCalls, {"phone_numbers": ["+12025550123"] * 2}, {"delay_between_calls": 7, "max_concurrent_calls": 3}),
    (ScheduleCall, ONE | {"schedule_time": "2026-12-01T10:00:00"}, {"timezone": "Europe/Vienna"}),
]


@pytest.mark.parametrize(("kind", "needed", "own"), KINDS)
def test_every_choice_of_optional_fields_is_read_with_the_defaults_of_the_others(
    kind: type[Schema], needed: dict[str, Any], own: dict[str, Any]
) -> None:
    optional = list((GOOD | own).items())
    for size in range(len(optional) + 1):
        for chosen in combinations(optional, size):
            body = needed | dict(chosen)
            assert load(kind(), body) == kind().load(body)


class _Hooked(Schema):
    to_number = fields.String(required=True)
    note = fields.String()


class RefusedAsAWhole(_Hooked):
    @validates_schema
    def refuse(self, data: dict[str, Any], **kwargs: Any) -> None:
        raise ValidationError("Never.")


class RefusedByOneField(_Hooked):
    @validates("note")
    def refuse(self, value: str, data_key: str) -> None:
        raise ValidationError("Never.")


class MadeAnew(_Hooked):
    @pre_load
    def shout(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        return {name: text.upper() for name, text in data.items()}

    @post_load
    def wrap(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        return {"wrapped": data}


class NamedOtherwise(_Hooked):
    sender = fields.String(data_key="from", attribute="caller")
    tags = fields.List(fields.String(), load_default=list)


@pytest.mark.parametrize("kind", [RefusedAsAWhole, RefusedByOneField, MadeAnew, NamedOtherwise])
@pytest.mark.parametrize("body", [{"to_number": "a", "note": "b"}, {"to_number": "a", "note": "b", "from": "c"}])
def test_whatever_a_schema_says_beyond_its_fields_is_heard(kind: type[Schema], body: dict[str, Any]) -> None:
    heard = outcome(partial(load, kind()), body)
    assert heard == outcome(kind().load, body)
    assert heard != body
