"""Without keys, who asks for another name, or from a page of another site, is refused: DNS rebinding."""

import pytest

from tests.app.client import ANSWER, PUBLIC, STATUS
from tests.app.conftest import Start
from tests.app.refusal import refused
from tests.app.twilio import event, post
from tests.scripts.conftest import Store

CALL = {"to_number": "+1234567890"}


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example:8001", "localhost.evil.example", "10.0.0.1", "", "[::2]:8001", "[::1"],
)
async def test_a_name_that_is_not_ours_is_refused(start: Start, host: str) -> None:
    client = await start()
    for method, path in (
        ("POST", "/api/v1/celery/twilio/queue-single-call"),
        ("GET", "/api/docs"),
        ("GET", "/nowhere"),
    ):
        answer = await client.ask(method, path, json=CALL if method == "POST" else None, headers={"Host": host})
        refused(answer, 403)
    assert (await client.ask("GET", "/livez", headers={"Host": host})).status == 200


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:8001", "calls.localhost", "127.0.0.1", "127.1.2.3:80", "[::1]:8001", "Internal.Example:9"],
)
async def test_names_of_this_machine_and_those_that_are_allowed_are_answered(start: Start, host: str) -> None:
    client = await start(ALLOWED_HOSTS="internal.example, 10.0.0.7")
    answer = await client.ask("POST", "/api/v1/celery/twilio/queue-single-call", json=CALL, headers={"Host": host})
    assert answer.status == 200


async def test_the_name_by_which_twilio_reaches_it_is_answered(start: Start) -> None:
    client = await start(PUBLIC_BASE_URL="https://calls.example.org")
    assert (
        await client.ask("GET", "/api/v1/celery/twilio/health", headers={"Host": "Calls.Example.Org"})
    ).status == 200


@pytest.mark.parametrize("host", ["web-1.internal:8001", "10.0.0.7", "calls.example"])
async def test_what_twilio_signed_is_taken_whatever_name_a_proxy_puts_in_front(
    start: Start, store: Store, host: str
) -> None:
    client = await start(PUBLIC_BASE_URL=PUBLIC)
    call = store.placed()
    form, headers = event(1), {"Host": host}
    assert (await post(client, f"{STATUS}?call={call}", form, headers=headers))[0] == 204
    assert (await post(client, f"{ANSWER}?call={call}", form, headers=headers))[0] == 200
    assert (await post(client, f"{STATUS}?call={call}", form, headers=headers, signature="forged"))[0] == 403
    assert store.task(call)["call_status"] == "ringing"


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://localhost:1", "", "http://[", "localhost:8001"]
)
async def test_a_page_of_another_site_may_not_ask(start: Start, origin: str) -> None:
    client = await start(CORS_ORIGINS="https://app.example.com")
    headers = {"Host": "localhost:8001", "Origin": origin}
    refused(await client.ask("POST", "/api/v1/celery/twilio/queue-single-call", json=CALL, headers=headers), 403)


@pytest.mark.parametrize("origin", ["http://localhost:8001", "https://app.example.com"])
async def test_our_own_page_and_pages_that_are_named_may_ask(start: Start, origin: str) -> None:
    client = await start(CORS_ORIGINS="https://app.example.com")
    headers = {"Host": "localhost:8001", "Origin": origin}
    answer = await client.ask("POST", "/api/v1/celery/twilio/queue-single-call", json=CALL, headers=headers)
    assert answer.status == 200


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("localhost:443", "https://localhost", 200),
        ("LocalHost:80", "http://localhost", 200),
        ("localhost", "https://localhost:443", 200),
        ("[::1]:443", "https://[::1]", 200),
        ("localhost:443", "http://localhost", 403),
        ("localhost", "http://localhost:443", 403),
        ("localhost:8443", "https://localhost", 403),
        ("localhost:443", "https://localhost.evil.example", 403),
        ("localhost:443", "https://", 403),
    ],
)
async def test_the_usual_port_makes_no_other_site_whether_it_is_said_or_not(
    start: Start, host: str, origin: str, status: int
) -> None:
    """As behind a proxy that writes `$host:$server_port`."""
    client = await start()
    answer = await client.ask("GET", "/api/v1/celery/twilio/health", headers={"Host": host, "Origin": origin})
    assert answer.status == status


@pytest.mark.parametrize("host", ["127.0.0.1:8001", "internal.example"])
async def test_our_own_page_may_ask_through_a_proxy_that_puts_another_host(start: Start, host: str) -> None:
    """As nginx and Apache do unless they are told otherwise: the console showed, and could do nothing."""
    client = await start(PUBLIC_BASE_URL="https://Amy:Pass@Calls.Example.org/behind", ALLOWED_HOSTS="internal.example")
    path, headers = "/api/v1/celery/twilio/queue-single-call", {"Host": host, "Origin": "https://calls.example.org"}
    assert (await client.ask("POST", path, json=CALL, headers=headers)).status == 200
    for origin in ("http://calls.example.org", "https://calls.example.org:1", "https://calls.example.org.evil.example"):
        refused(await client.ask("POST", path, json=CALL, headers=headers | {"Origin": origin}), 403)


async def test_with_keys_any_name_is_answered_to_who_has_one(start: Start) -> None:
    client = await start(API_KEYS="alice:a-secret-of-sixteen-or-more")
    headers = {"Host": "calls.example.org", "X-API-Key": "a-secret-of-sixteen-or-more"}
    answer = await client.ask("POST", "/api/v1/celery/twilio/queue-single-call", json=CALL, headers=headers)
    assert answer.status == 200
