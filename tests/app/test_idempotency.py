"""The same Idempotency-Key gives the same answer, and one task."""

import asyncio
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from redis import Redis

from schemas import keys
from tests.app.away import Away
from tests.app.client import Answer, Client
from tests.app.refusal import invalid, refused
from tests.ports import reserve_port
from tests.processes import BASE_PATH, Process, wait_until

NUMBER = "+1234567890"
BODIES: dict[str, dict[str, Any]] = {
    "queue-single-call": {"to_number": NUMBER, "delay_seconds": 60},
    "queue-bulk-calls": {"phone_numbers": [NUMBER, "+1234567891", NUMBER], "delay_between_calls": 7},
    "schedule-call": {"to_number": NUMBER, "schedule_time": (datetime.now(UTC) + timedelta(days=1)).isoformat()},
}
SINGLE = "queue-single-call"


async def post(client: Client, endpoint: str, body: object, key: str) -> Answer:
    return await client.post(endpoint, body, **{"Idempotency-Key": key})


def tasks(redis: "Redis") -> int:
    return sum(1 for _ in redis.scan_iter(keys.task("*")))


def same(first: Answer, second: Answer) -> bool:
    """Whether the second is the first again, and marked so."""
    assert (first.status, second.status) == (200, 200), second.text
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    return bool(first.body == second.body)


@pytest.mark.parametrize(("endpoint", "body"), BODIES.items())
async def test_the_same_request_again_gives_the_first_answer_again(
    client: Client, redis: "Redis", endpoint: str, body: dict[str, Any]
) -> None:
    first = await post(client, endpoint, body, "a-key")
    await asyncio.sleep(1.1)  # a second answer of its own would tell another time
    for _ in range(3):
        assert same(first, await post(client, endpoint, body, "a-key"))
    assert tasks(redis) == 1


@pytest.mark.parametrize(("endpoint", "body"), BODIES.items())
async def test_the_same_key_with_another_body_is_422(
    client: Client, redis: "Redis", endpoint: str, body: dict[str, Any]
) -> None:
    await post(client, endpoint, body, "a-key")
    answer = await post(client, endpoint, body | {"call_metadata": {"a": 1}}, "a-key")
    assert "Idempotency-Key" in refused(answer, 422)["detail"]
    assert tasks(redis) == 1


async def test_the_same_key_at_another_endpoint_is_422(client: Client, redis: "Redis") -> None:
    await post(client, SINGLE, BODIES[SINGLE], "a-key")
    refused(await post(client, "schedule-call", BODIES["schedule-call"], "a-key"), 422)
    assert tasks(redis) == 1


async def test_order_of_keys_white_space_and_escapes_make_no_difference(client: Client) -> None:
    headers = {"Content-Type": "application/json", "Idempotency-Key": "a-key"}
    first, *others = [
        '{"to_number":"+1234567890","call_metadata":{"a":1,"b":[1,2]},"delay_seconds":60}',
        '{\n  "delay_seconds": 60,\r\n\t"call_metadata": {"b": [1, 2], "a": 1}, "to_number": "+1234567890"}\n',
        '{"to_number":"\\u002b1234567890","call_metadata":{"\\u0061":1,"b":[1,2]},"delay_seconds":60}',
    ]
    url = f"{BASE_PATH}/{SINGLE}"
    answer = await client.ask("POST", url, data=first.encode(), headers=headers)
    for text in others:
        assert same(answer, await client.ask("POST", url, data=text.encode(), headers=headers))
    swapped = others[0].replace("[1, 2]", "[2, 1]")
    refused(await client.ask("POST", url, data=swapped.encode(), headers=headers), 422)


@pytest.mark.parametrize(("endpoint", "body"), BODIES.items())
async def test_twenty_requests_at_once_with_one_key_make_one_task(
    client: Client, redis: "Redis", endpoint: str, body: dict[str, Any]
) -> None:
    answers = await asyncio.gather(*(post(client, endpoint, body, "a-key") for _ in range(20)))
    assert {answer.status for answer in answers} <= {200, 409}
    accepted = [answer for answer in answers if answer.status == 200]
    assert len({answer.text for answer in accepted}) == 1
    assert sum("Idempotent-Replayed" not in answer.headers for answer in accepted) == 1
    assert tasks(redis) == 1


async def test_without_a_key_the_same_request_is_another_task(client: Client, redis: "Redis") -> None:
    for _ in range(3):
        assert "Idempotent-Replayed" not in (await client.post(SINGLE, BODIES[SINGLE])).headers
    assert tasks(redis) == 3


async def test_other_keys_make_other_tasks(client: Client, redis: "Redis") -> None:
    for key in ("a", "b", "A", "a" * 255, "a" * 254, "a*", "a:b"):
        assert "Idempotent-Replayed" not in (await post(client, SINGLE, BODIES[SINGLE], key)).headers
    assert tasks(redis) == 7


async def test_a_quoted_key_is_the_unquoted_one(client: Client) -> None:
    first = await post(client, SINGLE, BODIES[SINGLE], '"a-key"')
    assert same(first, await post(client, SINGLE, BODIES[SINGLE], "a-key"))


@pytest.mark.parametrize("key", ["", " ", '""', '"', "a" * 256, "a" * 5000], ids=lambda key: key[:5])
async def test_an_empty_or_overlong_key_is_refused(client: Client, redis: "Redis", key: str) -> None:
    assert list(invalid(await post(client, SINGLE, BODIES[SINGLE], key), redis)) == ["Idempotency-Key"]


async def test_a_refused_request_does_not_use_up_its_key(client: Client, redis: "Redis") -> None:
    invalid(await post(client, SINGLE, {"to_number": "x"}, "a-key"), redis)
    assert (await post(client, SINGLE, BODIES[SINGLE], "a-key")).status == 200


async def test_a_scheduled_request_is_replayed_even_after_its_time(client: Client, redis: "Redis") -> None:
    due = time.time() + 3  # by then it must have been accepted
    body = {"to_number": NUMBER, "schedule_time": datetime.fromtimestamp(due, UTC).isoformat()}
    first = await post(client, "schedule-call", body, "a-key")
    assert first.status == 200, first.text
    await asyncio.to_thread(wait_until, lambda: redis.time()[0] > due)
    assert same(first, await post(client, "schedule-call", body, "a-key"))
    invalid_now = await post(client, "schedule-call", body, "another-key")
    assert refused(invalid_now, 400)["errors"] == {"schedule_time": ["Must be in the future."]}


async def test_a_key_lives_until_its_call_has_ended_and_a_day_at_least(client: Client, redis: "Redis") -> None:
    first = await post(client, SINGLE, BODIES[SINGLE], "a-key")
    (key,) = redis.keys(f"{keys.PREFIX}idem:*")
    assert redis.ttl(key) == -1
    await client.cancel(first.body["task_id"])
    assert 86_400 - 60 <= int(str(redis.ttl(key))) <= 86_400
    assert same(first, await post(client, SINGLE, BODIES[SINGLE], "a-key"))


async def test_the_clients_key_itself_is_not_kept(client: Client, redis: "Redis") -> None:
    await post(client, SINGLE, BODIES[SINGLE], "swordfish")
    assert not [name for name in redis.scan_iter("*") if "swordfish" in name]


def test_twenty_at_once_over_two_web_processes_make_one_task_that_restarts_do_not_forget(away: Away) -> None:
    port = reserve_port()
    other_url = f"http://127.0.0.1:{port}"
    away.start()
    environment = away.variables | {"APP_PORT": str(port)}
    other = Process("other-web", [sys.executable, "-m", "app"], away.folder, environment)

    def ask(url: str) -> requests.Response:
        headers = {"Idempotency-Key": "a-key"}
        return requests.post(f"{url}{BASE_PATH}/{SINGLE}", json=BODIES[SINGLE], headers=headers, timeout=20)

    try:
        other.wait_for_answer(lambda: _lives(other_url))
        with ThreadPoolExecutor(20) as pool:
            answers = list(pool.map(ask, [away.url, other_url] * 10))
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.text for answer in answers}) == 1
        assert sum("Idempotent-Replayed" not in answer.headers for answer in answers) == 1

        away.kill_redis()
        away.stop_web()
        away.redis.start()
        away.start()
        for url in (away.url, other_url):
            again = ask(url)
            assert (again.status_code, again.text) == (200, answers[0].text)
            assert again.headers["Idempotent-Replayed"] == "true"
        assert away.numbers() == {NUMBER}
        with Redis.from_url(away.redis.url, decode_responses=True, protocol=2) as client:
            assert tasks(client) == 1
    finally:
        assert other.stop() == 0, other.output


def _lives(url: str) -> bool:
    try:
        return requests.get(f"{url}/livez", timeout=2).ok
    except requests.ConnectionError:
        return False
