"""No body that a key may send holds the event loop, for all others wait as long as it is read."""

import time
from typing import Any

import pytest
from marshmallow import Schema, ValidationError
from redis import Redis

from app.errors import InvalidRequest
from app.http.body.checking import invalid_request
from app.http.body.reading import BODY_LIMIT_BYTES
from app.http.body.strict_json import MOST_CONTAINERS, MOST_DIGITS, MOST_FIELDS, MOST_VALUES, parse_json
from schemas.bodies.campaigns.recipients import MOST_NAMES
from schemas.bodies.campaigns.retrying import RetryTask
from schemas.bodies.fields import MOST_NUMBERS
from schemas.bodies.requests import QueueBulkCalls, QueueSingleCall, load
from tests.app.client import Client
from tests.app.refusal import invalid

MOST_SECONDS = 0.05
START = b'{"to_number": "+1234567890", "call_metadata": {"a": ['
END = b"]}}"


def whole(first: bytes, item: bytes, last: bytes, most: int = BODY_LIMIT_BYTES) -> bytes:
    """As many items between commas as 1 MiB holds."""
    return first + b",".join([item] * min(most, (BODY_LIMIT_BYTES - len(first + last)) // (len(item) + 1))) + last


def fields(count: int, value: bytes = b"0") -> bytes:
    return b",".join(b'"k%x":%b' % (number, value) for number in range(count))


BODIES = {
    "105,000 unknown fields": b"{" + fields(80_000) + b"}",
    "more fields than are looked at": b"{" + fields(MOST_FIELDS + 1) + b"}",
    "all the unknown fields that are looked at": b"{" + fields(MOST_FIELDS - 1) + b"}",
    "and no end": b"{" + fields(MOST_FIELDS - 1),
    "lists": whole(b"[", b"[]", b"]"),
    "lists within": whole(START, b"[]", END),
    "objects": whole(START, b"{}", END),
    "lists of lists": whole(START, b"[" * 9 + b"]" * 9, END, MOST_VALUES - 5),
    "all the lists that are looked at": whole(START, b"[]", END, MOST_CONTAINERS - 5),
    "all the objects that are looked at": whole(START, b'{"a":0}', END, MOST_CONTAINERS - 5),
    "numbers": whole(START, b"0", END),
    "all the numbers that are looked at": whole(START, b"0", END, MOST_VALUES - 5),
    "fractions": whole(START, b"1.2345678", END, MOST_VALUES - 5),
    "fractions beside a long number": whole(START + b"1234567890123456789,", b"1.2345678", END, MOST_VALUES - 5),
    "a deep body": START + b",".join([b"[" * 90 + b"]" * 90] * 250) + END,
    "one long string": START + b'"' + b"x" * (BODY_LIMIT_BYTES - 100) + b'"' + END,
    "one long string of escapes": START + b'"' + b"\\u00e9" * (BODY_LIMIT_BYTES // 6 - 100) + b'"' + END,
    "one long name": b'{"' + b"x" * (BODY_LIMIT_BYTES - 20) + b'": 0}',
    "the same name": whole(b"{", b'"a":0', b"}"),
    "metadata again and again": whole(b'{"to_number": "+1234567890",', b'"call_metadata":{"a":[[],[]]}', b"}"),
    "digits": START + b"9" * (BODY_LIMIT_BYTES - 100) + END,
    "numbers of very many digits": whole(START, b"9" * 4300, END),
    "numbers of all the digits that are looked at": whole(START, b"9" * MOST_DIGITS, END),
    "brackets in a string": START + b'"' + b"[" * (BODY_LIMIT_BYTES - 100) + b'"' + END,
    "as much metadata as may be": whole(START, b"[]", END, 5_000),
    "blanks": b'{"to_number": "+1234567890"' + b" " * (BODY_LIMIT_BYTES - 40) + b"}",
    "telephone numbers": whole(b'{"phone_numbers": [', b'"nobody"', b"]}"),
    "a list for a number": whole(b'{"to_number": [', b'"nobody"', b"]}", MOST_VALUES - 5),
    "recipients with many faults": whole(
        b'{"recipients": [', b'{"to_number":"x","y":1,"variables":{"1":1},"timezone":"z","expires_at":1}', b"]}", 1000
    ),
    "recipients with unknown fields": whole(b'{"recipients": [', b"{" + fields(24) + b"}", b"]}", 1000),
    "a recipient with unknown fields": b'{"recipients": [{' + fields(MOST_FIELDS - 2) + b"}]}",
    "an option with unknown fields": b'{"to_number": "+1234567890", "retry": {' + fields(MOST_FIELDS - 3) + b"}}",
    "outcomes of a retry": whole(b'{"to_number": "+1234567890", "retry": {"on": [', b'"x"', b"]}}", MOST_VALUES - 5),
    "the same outcome": whole(b'{"to_number": "+1234567890", "retry": {"on": [', b'"busy"', b"]}}", MOST_VALUES - 5),
    "outcomes that are tried again": whole(b'{"outcomes": [', b'"x"', b"]}", MOST_VALUES - 5),
}

#: By what stands in a body, whose body it is.
SCHEMAS: dict[bytes, type[Schema]] = {
    b'{"phone_numbers"': QueueBulkCalls,
    b'{"recipients"': QueueBulkCalls,
    b'{"outcomes"': RetryTask,
}


def read(body: bytes, schema: Schema) -> Any:
    """What an endpoint makes of a body."""
    try:
        return load(schema, parse_json(body))
    except ValidationError as error:
        return invalid_request(error.messages_dict).body()
    except InvalidRequest as error:
        return error.body()


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_no_body_takes_long_to_read_or_to_refuse(body: bytes) -> None:
    assert len(body) <= BODY_LIMIT_BYTES
    schema = next((schema for start, schema in SCHEMAS.items() if body.startswith(start)), QueueSingleCall)()
    took = []
    for _ in range(3):
        began = time.process_time()
        told = read(body, schema)
        took.append(time.process_time() - began)
    assert min(took) < MOST_SECONDS
    assert len(str(told)) < 50_000


async def test_of_many_unknown_fields_a_few_are_named(client: Client, redis: "Redis") -> None:
    answer = await client.send("queue-single-call", b'{"to_number": "+1234567890",' + fields(1000) + b"}")
    errors = invalid(answer, redis)
    assert 10 < len(errors) <= 50
    assert set(map(tuple, errors.values())) == {("Unknown field.",)}


@pytest.mark.parametrize("name", ["numbers", "lists of lists", "more fields than are looked at"])
async def test_a_body_with_far_too_much_in_it_is_told_so(client: Client, redis: "Redis", name: str) -> None:
    errors = invalid(await client.send("queue-single-call", BODIES[name]), redis)
    assert list(errors) == ["body"]
    assert "000" in errors["body"][0]


async def test_recipients_with_names_of_their_own_are_refused_before_each_gets_a_place_for_all_of_them(
    client: Client, redis: "Redis"
) -> None:
    """A row holds a place for each name of the campaign: these, 20 of each of a thousand, would take 20 MB."""
    recipients = [
        {"to_number": f"+1202555{place:04}", "variables": {f"v{place}_{one}": "x" for one in range(20)}}
        for place in range(MOST_NUMBERS)
    ]
    answer = await client.post("queue-bulk-calls", {"recipients": recipients})
    assert invalid(answer, redis) == {"recipients": [f"Must have variables of at most {MOST_NAMES} names in all."]}
    few = [
        one | {"variables": {f"v{place % (MOST_NAMES // 5)}_{n}": "x" for n in range(5)}}
        for place, one in enumerate(recipients)
    ]
    await client.queue("queue-bulk-calls", {"recipients": few, "start": "paused"})


async def test_whatever_metadata_may_hold_is_few_enough(client: Client) -> None:
    """Brackets, colons and commas in strings count as if they were none."""
    for mark in ("[", "{", ":", ","):
        text = mark * (16 * 1024 - 40)
        body = {"to_number": "+1234567890", "call_metadata": {"note": text}, "webhook_url": f"http://a/?{mark * 2000}"}
        await client.queue("queue-single-call", body | {"status_callback_url": body["webhook_url"]})
