"""Bodies that are no JSON, no object, or not meant to be read at all."""

import json
import re
from collections.abc import AsyncIterator
from io import BytesIO

import pytest
from redis import Redis

from tests.app import documented
from tests.app.client import QUEUE_ENDPOINTS, Client
from tests.app.refusal import invalid, refused
from tests.app.test_refusing import GOOD
from tests.processes import BASE_PATH

SINGLE = "queue-single-call"
MIB = 1024 * 1024


async def test_the_documents_trailing_comma_is_refused_and_its_place_told(client: Client, redis: "Redis") -> None:
    text = documented.SINGLE_CURL_WITH_TRAILING_COMMA
    answer = await client.send(SINGLE, text.encode())
    assert list(invalid(answer, redis)) == ["body"]
    assert "not valid JSON" in answer.body["detail"]
    assert re.search(r"line [89] column \d+", answer.body["detail"])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b"}",
        b"{'to_number': '+1234567890'}",
        b"to_number=%2B1234567890",
        b'{"to_number": "+1234567890"} {}',
        b'{"to_number": "+1234567890", "delay_seconds": NaN}',
        b'{"to_number": "+1234567890", "call_metadata": {"n": NaN}}',
        b'{"to_number": "+1234567890", "call_metadata": {"n": [Infinity]}}',
        b'{"to_number": "+1234567890", "call_metadata": {"n": -Infinity}}',
        b'{"to_number": "+1234567890", "delay_seconds": ' + b"9" * 5000 + b"}",
        b'{"to_number": "+1234567890", "call_metadata": {"n": ' + b"9" * 5000 + b"}}",
        b'{"to_number": "+1234567890", "delay_seconds": 010}',
        b'{"to_number": "+12345\n67890"}',
        b'{"to_number": "+1234567890", "call_metadata": {"message": "\xff"}}',
        b"\xff\xfe{\x00}\x00",
        b"\xef\xbb\xbf",
        b"{}\xef\xbb\xbf",
        b"\xef\xbb\xbf\xef\xbb\xbf{}",
        b"\xef\xbb{}",
        b'{"to_number": "\\u12"}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b"\x00" * 1000,
    ],
    ids=lambda body: repr(body)[:60],
)
@pytest.mark.parametrize("key", [None, "a-key"])
async def test_what_is_not_json_is_refused_with_a_sentence(
    client: Client, redis: "Redis", body: bytes, key: str | None
) -> None:
    headers = {"Content-Type": "application/json"} | ({"Idempotency-Key": key} if key else {})
    answer = await client.ask("POST", f"{BASE_PATH}/{SINGLE}", data=body, headers=headers)
    assert list(invalid(answer, redis)) == ["body"]
    assert answer.body["detail"].startswith(("The body is not valid JSON: ", "The body is nested too deeply: "))
    assert answer.body["detail"].endswith(".")


@pytest.mark.parametrize("key", [None, "a-key"])
async def test_json_may_begin_with_a_byte_order_mark(client: Client, key: str | None) -> None:
    headers = {"Content-Type": "application/json"} | ({"Idempotency-Key": key} if key else {})
    body = documented.SINGLE_MANUAL_CURL.encode("utf-8-sig")
    first = await client.ask("POST", f"{BASE_PATH}/{SINGLE}", data=body, headers=headers)
    assert first.status == 200, first.text
    again = await client.ask("POST", f"{BASE_PATH}/{SINGLE}", data=body.removeprefix(b"\xef\xbb\xbf"), headers=headers)
    assert ("Idempotent-Replayed" in again.headers) == bool(key)


@pytest.mark.parametrize("number", ["1e999", "-1e999", "1E+400", "9" * 400 + ".0"])
@pytest.mark.parametrize("endpoint", QUEUE_ENDPOINTS)
async def test_a_number_that_is_larger_than_numbers_can_be_is_refused(
    client: Client, redis: "Redis", endpoint: str, number: str
) -> None:
    body = json.dumps(GOOD[endpoint] | {"call_metadata": {"n": [1, "here"]}}).replace('"here"', number)
    assert list(invalid(await client.send(endpoint, body.encode()), redis)) == ["call_metadata"]


@pytest.mark.parametrize("body", ["[]", "[{}]", "null", "true", "1", '"text"', "[[[[]]]]"])
@pytest.mark.parametrize("endpoint", QUEUE_ENDPOINTS)
async def test_json_that_is_no_object_is_refused(client: Client, redis: "Redis", endpoint: str, body: str) -> None:
    answer = await client.send(endpoint, body.encode())
    assert invalid(answer, redis) == {"body": ["The body must be a JSON object."]}
    assert answer.body["detail"] == "The body must be a JSON object."


@pytest.mark.parametrize("key", ["", '"Idempotency-Key"'])
async def test_at_no_depth_does_nesting_break_the_service(client: Client, key: str) -> None:
    """Either it is read, kept and shown again, or refused as nested too deeply; reading and writing recurse alike."""
    headers = {"Content-Type": "application/json"}
    for depth in [*range(1, 700, 50), *range(700, 1001, 3)]:
        nested = "[" * depth + "]" * depth
        body = f'{{"to_number": "+1234567890", "call_metadata": {{"custom_data": {nested}}}}}'
        named = headers | ({"Idempotency-Key": f"{key}{depth}"} if key else {})
        answer = await client.ask("POST", f"{BASE_PATH}/{SINGLE}", data=body.encode(), headers=named)
        if answer.status == 200:
            shown = await client.status(answer.body["task_id"])
            assert shown.status == 200, f"depth {depth} was accepted, then: {shown.text}"
        else:
            assert refused(answer, 400)["errors"], f"depth {depth}"


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/json", "", "nonsense"],
)
@pytest.mark.parametrize("endpoint", QUEUE_ENDPOINTS)
async def test_a_body_that_is_not_declared_as_json_is_415(
    client: Client, redis: "Redis", endpoint: str, content_type: str
) -> None:
    answer = await client.send(endpoint, documented.SINGLE_MANUAL_CURL.encode(), content_type)
    assert "application/json" in refused(answer, 415, redis)["detail"]


@pytest.mark.parametrize("key", [None, "a-key"])
async def test_a_body_over_one_mib_is_413(client: Client, redis: "Redis", key: str | None) -> None:
    body = b'{"to_number": "+1234567890"' + b" " * MIB + b"}"
    headers = {"Content-Type": "application/json"} | ({"Idempotency-Key": key} if key else {})
    answer = await client.ask("POST", f"{BASE_PATH}/{SINGLE}", data=BytesIO(body), headers=headers)
    assert "1 MiB" in refused(answer, 413, redis)["detail"]


async def test_a_body_over_one_mib_without_a_length_is_413(client: Client, redis: "Redis") -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b" " * (MIB // 10)

    headers = {"Content-Type": "application/json"}
    answer = await client.ask("POST", f"{BASE_PATH}/{SINGLE}", data=chunks(), headers=headers)
    refused(answer, 413, redis)


async def test_a_body_just_under_one_mib_is_read(client: Client) -> None:
    body = b'{"to_number": "+1234567890"}'
    assert (await client.send(SINGLE, body + b" " * (MIB - len(body) - 1))).status == 200


@pytest.mark.parametrize("path", ["/api", BASE_PATH, f"{BASE_PATH}/", f"{BASE_PATH}/nothing", "/livez/", "/%00"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "PUT", "PATCH"])
async def test_an_unknown_address_is_404_as_json(client: Client, redis: "Redis", method: str, path: str) -> None:
    refused(await client.ask(method, path), 404, redis)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", f"{BASE_PATH}/health", "GET,HEAD"),
        ("DELETE", f"{BASE_PATH}/queue-single-call", "POST"),
        ("PUT", f"{BASE_PATH}/queue-bulk-calls", "POST"),
        ("PATCH", f"{BASE_PATH}/schedule-call", "POST"),
        ("DELETE", f"{BASE_PATH}/task-status/x", "GET,HEAD"),
        ("GET", f"{BASE_PATH}/cancel-task/x", "DELETE"),
        ("POST", "/livez", "GET,HEAD"),
        ("PROPFIND", "/readyz", "GET,HEAD"),
    ],
)
async def test_a_wrong_method_is_405_as_json_and_names_the_right_one(
    client: Client, redis: "Redis", method: str, path: str, allowed: str
) -> None:
    answer = await client.ask(method, path)
    refused(answer, 405, redis)
    assert answer.headers["Allow"] == allowed
