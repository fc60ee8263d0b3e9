"""The same request twice within a short time is accepted twice, with a word about it."""

from typing import Any

import pytest

from app.http.body.repeats import REPEATS
from tests.app.client import QUEUE_ENDPOINTS, Client
from tests.app.conftest import Start
from tests.app.test_refusing import GOOD


async def warned(client: Client, endpoint: str, body: Any, **headers: str) -> list[str]:
    answer = await client.post(endpoint, body, **headers)
    assert answer.status == 200, answer.text
    return list(answer.body["warnings"])


@pytest.mark.parametrize("endpoint", QUEUE_ENDPOINTS)
async def test_a_repeated_request_is_accepted_and_names_the_task_before(client: Client, endpoint: str) -> None:
    first = await client.queue(endpoint, GOOD[endpoint])
    (sentence,) = await warned(client, endpoint, GOOD[endpoint])
    assert sentence.startswith("The same request was accepted 1 second before, as task ")
    assert first in sentence
    assert "Idempotency-Key" in sentence


async def test_another_number_message_or_endpoint_is_no_repetition(client: Client) -> None:
    body = GOOD["queue-single-call"]
    for other in (body, body | {"to_number": "+12025550199"}, body | {"call_metadata": {"message": "Other"}}):
        assert await warned(client, "queue-single-call", other) == []


async def test_with_idempotency_keys_the_client_knows_what_it_repeats(client: Client) -> None:
    body = GOOD["queue-single-call"]
    for key in ("one", "one", "two"):
        assert await warned(client, "queue-single-call", body, **{"Idempotency-Key": key}) == []


async def test_the_same_request_of_another_client_is_no_repetition(start: Start) -> None:
    secrets = {"alice": "a" * 32, "bob": "b" * 32}
    client = await start(API_KEYS=",".join(f"{name}:{secret}" for name, secret in secrets.items()))
    for secret in secrets.values():
        assert await warned(client, "queue-single-call", GOOD["queue-single-call"], **{"X-API-Key": secret}) == []


async def test_what_is_long_ago_is_no_repetition(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    await client.queue("queue-single-call", GOOD["queue-single-call"])
    monkeypatch.setattr("app.http.body.repeats.REPEAT_SECONDS", -1.0)
    assert await warned(client, "queue-single-call", GOOD["queue-single-call"]) == []


async def test_no_more_is_remembered_than_fits_and_the_newest_half_at_least(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.http.body.repeats.MOST_REMEMBERED", 6)
    assert client.http.app is not None
    bodies = [{"to_number": f"+1202555010{digit}"} for digit in range(9)]
    for place, body in enumerate(bodies):
        assert await warned(client, "queue-single-call", body) == []
        assert min(place + 1, 3) <= len(client.http.app[REPEATS]) <= 6

    assert await warned(client, "queue-single-call", bodies[-1])
    assert await warned(client, "queue-single-call", bodies[-2])
    assert await warned(client, "queue-single-call", bodies[0]) == []
