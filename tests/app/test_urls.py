"""URLs of a request that are refused, and what is told of them."""

import pytest
from redis import Redis

from tests.app.client import QUEUE_ENDPOINTS, Client
from tests.app.refusal import invalid
from tests.app.test_refusing import GOOD


@pytest.mark.parametrize("field", ["webhook_url", "status_callback_url"])
@pytest.mark.parametrize("url", ["not a url", "ftp://a/", "/path", "", 1, ["http://a/"], "http://a/" + "x" * 2040])
@pytest.mark.parametrize("endpoint", QUEUE_ENDPOINTS)
async def test_what_is_no_url_is_refused(
    client: Client, redis: "Redis", endpoint: str, field: str, url: object
) -> None:
    answer = await client.post(endpoint, GOOD[endpoint] | {field: url})
    assert list(invalid(answer, redis)) == [field]


@pytest.mark.parametrize(
    ("field", "url"),
    [
        ("webhook_url", "http://user@a.example/"),
        ("webhook_url", "http://@a.example/"),
        ("status_callback_url", "https://user:word@a.example/"),
        ("status_callback_url", "http://user@a.example/"),
        ("status_callback_url", "http://@a.example/"),
    ],
)
async def test_a_url_with_credentials_is_refused_without_repeating_them(
    client: Client, redis: "Redis", field: str, url: str
) -> None:
    answer = await client.post("queue-single-call", GOOD["queue-single-call"] | {field: url})
    assert invalid(answer, redis) == {field: ["Must not hold a user name or a password."]}
    assert "word@" not in answer.text


@pytest.mark.parametrize("code", [*range(33), 127, 0x85, 0x2028])
async def test_a_url_with_a_control_character_is_refused(client: Client, redis: "Redis", code: int) -> None:
    for url in (f"http://a.example/{chr(code)}b", f"http://a{chr(code)}.example/", f"http://a.example/{chr(code)}"):
        answer = await client.post("queue-single-call", GOOD["queue-single-call"] | {"status_callback_url": url})
        assert list(invalid(answer, redis)) == ["status_callback_url"]


@pytest.mark.parametrize("url", ["http://10.0.0.1/", "http://localhost:9/", "http://[::1]:65535/a?b=c"])
async def test_a_private_url_is_accepted_since_only_the_relay_can_tell_where_it_leads(client: Client, url: str) -> None:
    await client.queue("queue-single-call", GOOD["queue-single-call"] | {"status_callback_url": url})
