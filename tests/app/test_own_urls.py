"""URLs of our own webhooks as a client's: the default spelt out, or a 400."""

from typing import Any

import pytest

from app.settings import Settings
from schemas import keys
from schemas.errors import SettingsError
from schemas.webhook_urls import leads_to_us
from tests.app.client import ANSWER, PUBLIC, QUEUE_ENDPOINTS, STATUS, Client
from tests.app.conftest import Start
from tests.app.refusal import refused
from tests.scripts.conftest import Store

BODIES: dict[str, dict[str, Any]] = {
    "queue-single-call": {"to_number": "+12025550100"},
    "queue-bulk-calls": {"phone_numbers": ["+12025550100"]},
    "schedule-call": {"to_number": "+12025550100", "schedule_time": "2026-12-24T00:00:00Z"},
}
FIELDS = {"webhook_url": ANSWER, "status_callback_url": STATUS}


@pytest.fixture
async def client(start: Start) -> Client:
    return await start(PUBLIC_BASE_URL=PUBLIC)


@pytest.mark.parametrize("endpoint", QUEUE_ENDPOINTS)
@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("origin", [PUBLIC, "https://CALLS.Example:443"])
async def test_our_own_webhook_means_that_none_is_given(
    client: Client, store: Store, endpoint: str, field: str, origin: str
) -> None:
    task = await client.queue(endpoint, BODIES[endpoint] | {field: origin + FIELDS[field]})

    assert field not in store.redis.hgetall(keys.task(task))
    assert "tells" not in store.redis.hgetall(keys.task(task))


async def test_with_it_each_recipient_has_the_variables_of_the_message_or_is_named(client: Client) -> None:
    people = [{"to_number": "+12025550100", "variables": {"name": "Ada"}}, {"to_number": "+12025550101"}]
    body: dict[str, Any] = {"recipients": people, "call_metadata": {"message": "Hello {{name}}."}}
    body |= {"webhook_url": PUBLIC + ANSWER}
    refusal = refused(await client.post("queue-bulk-calls", body), 400)
    assert list(refusal["errors"]) == ["recipients.1.variables"]
    told = (await client.post("queue-bulk-calls", body | {"invalid_numbers": "skip"})).body
    assert [(one["index"], one["reason"]) for one in told["skipped"]] == [(1, "missing_variable")]


@pytest.mark.parametrize("endpoint", QUEUE_ENDPOINTS)
@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize(
    "url",
    [
        PUBLIC,
        f"{PUBLIC}/",
        f"{PUBLIC}/anything",
        f"{PUBLIC}{STATUS}?call=another",
        f"{PUBLIC}{ANSWER}?call=another",
        f"{PUBLIC}{STATUS}?",
        f"{PUBLIC}{ANSWER}?",
        f"{PUBLIC}{STATUS}/",
        f"{PUBLIC}{ANSWER}#x",
        f"{PUBLIC}:443{STATUS}#",
        f"https://CALLS.EXAMPLE.:443{STATUS}?call=another",
    ],
)
async def test_any_other_url_of_ours_is_refused_with_its_field(
    client: Client, endpoint: str, field: str, url: str
) -> None:
    answer = await client.post(endpoint, BODIES[endpoint] | {field: url})

    assert (answer.status, list(answer.body["errors"])) == (400, [field])


@pytest.mark.parametrize("field", FIELDS)
async def test_a_url_without_our_port_is_ours_too_for_what_is_signed_for_it_counts_here(
    start: Start, field: str
) -> None:
    client = await start(PUBLIC_BASE_URL=f"{PUBLIC}:8443")
    for url in (f"{PUBLIC}{STATUS}?call=another", f"{PUBLIC}{FIELDS[field]}", f"{PUBLIC}:443/"):
        answer = await client.post("queue-single-call", BODIES["queue-single-call"] | {field: url})
        assert (answer.status, list(answer.body["errors"])) == (400, [field])


@pytest.mark.parametrize(("field", "path"), [("webhook_url", STATUS), ("status_callback_url", ANSWER)])
async def test_each_field_has_a_webhook_of_its_own(client: Client, field: str, path: str) -> None:
    answer = await client.post("queue-single-call", BODIES["queue-single-call"] | {field: PUBLIC + path})

    assert answer.status == 400


@pytest.mark.parametrize("url", ["https://calls.example.org/x", "https://calls.example:8443/x", "https://x.example/"])
async def test_other_hosts_and_ports_are_the_clients(client: Client, store: Store, url: str) -> None:
    task = await client.queue("queue-single-call", BODIES["queue-single-call"] | dict.fromkeys(FIELDS, url))

    record = store.redis.hgetall(keys.task(task))
    assert (record["webhook_url"], record["status_callback_url"], record["tells"]) == (url, url, "1")


async def test_without_a_public_address_we_tell_nothing_ourselves(start: Start, store: Store) -> None:
    client = await start()
    body = BODIES["queue-single-call"] | {"status_callback_url": PUBLIC + STATUS}
    record = store.redis.hgetall(keys.task(await client.queue("queue-single-call", body)))

    assert record["status_callback_url"] == PUBLIC + STATUS
    assert "tells" not in record


def test_without_a_public_address_no_url_is_ours() -> None:
    assert not leads_to_us(PUBLIC, "")


@pytest.mark.parametrize("name", ["TWILIO_WEBHOOK_KEYS", "EVENT_SIGNING_KEYS"])
@pytest.mark.parametrize("value", ["swordfish", ":swordfish", "a:", "a:swordfish,a:b", "a:swordfish,,b:c"])
def test_secrets_that_cannot_be_read_stop_the_start_and_are_not_shown(
    variables: dict[str, str], name: str, value: str
) -> None:
    with pytest.raises(SettingsError, match=name) as raised:
        Settings.read(variables | {name: value})
    assert "swordfish" not in str(raised.value)


@pytest.mark.parametrize("name", ["TWILIO_AUTH_TOKEN", "TWILIO_AUTH_TOKEN_SECONDARY"])
@pytest.mark.parametrize("value", ['"swordfish"', "'swordfish'", "sword fish", "swordfish\u200b"])
def test_a_token_with_which_nothing_could_be_signed_stops_the_start_and_is_not_shown(
    variables: dict[str, str], name: str, value: str
) -> None:
    with pytest.raises(SettingsError, match=f"{name} must be") as raised:
        Settings.read(variables | {name: value})
    assert "swordfish" not in str(raised.value)


@pytest.mark.parametrize(
    ("api_keys", "signing_keys", "names"),
    [
        ("", "", []),
        ("a:1", "", []),
        ("a:1,a:2", "", []),
        ("a:1,b:2", "", ["a", "b"]),
        ("a:1,b:2", "b:x", ["a"]),
        ("a:1,b:2", "b:x,a:y", []),
    ],
)
def test_two_names_whose_events_one_token_signs_are_warned_of(
    variables: dict[str, str], api_keys: str, signing_keys: str, names: list[str]
) -> None:
    settings = Settings.read(variables | {"API_KEYS": api_keys, "EVENT_SIGNING_KEYS": signing_keys})

    assert settings.names_signed_with_token == names
