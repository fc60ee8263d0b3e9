"""API keys: who may ask, what is told of a key, and what is not."""

import re
from typing import Any

import pytest
from aiohttp import web
from redis import Redis

from app.application import create_app
from app.paths import OPEN_ROUTES
from app.settings import Settings
from schemas import keys
from tests.app.away import Away
from tests.app.client import QUEUE_ENDPOINTS, Client
from tests.app.conftest import Start
from tests.app.refusal import refused
from tests.app.test_refusing import GOOD
from tests.processes import BASE_PATH, wait_until

ALICE, OLD, BOB = "swordfish-1", "swordfish-0", "tr0ub4dor:&3"
API_KEYS = f"alice:{ALICE}, alice:{OLD},bob:{BOB}"
SINGLE = "queue-single-call"


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


@pytest.fixture
async def guarded(start: Start) -> Client:
    """A web tier that asks for keys."""
    return await start(API_KEYS=API_KEYS)


def clients(redis: "Redis") -> list[str]:
    """Whose the recorded tasks are."""
    return sorted(str(redis.hget(key, "client")) for key in redis.scan_iter(keys.task("*")))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        bearer(""),
        bearer("swordfish-2"),
        bearer(ALICE[:-1]),
        bearer(f"{ALICE}x"),
        bearer(f"alice:{ALICE}"),
        {"Authorization": f"Basic {ALICE}"},
        {"Authorization": ALICE},
        {"X-API-Key": ""},
        {"X-API-Key": "alice"},
        {"X-API-Key": f"{ALICE}, {OLD}"},
        {"X-API-Key": "é" * 8},
    ],
    ids=str,
)
async def test_without_a_known_key_nothing_is_accepted(
    guarded: Client, redis: "Redis", headers: dict[str, str]
) -> None:
    for endpoint in QUEUE_ENDPOINTS:
        answer = await guarded.post(endpoint, GOOD[endpoint], **headers)
        refused(answer, 401, redis)
        assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        (bearer(ALICE), "alice"),
        (bearer(OLD), "alice"),
        (bearer(BOB), "bob"),
        ({"Authorization": f"bearer  {ALICE} "}, "alice"),
        ({"X-API-Key": ALICE}, "alice"),
        ({"X-API-Key": BOB}, "bob"),
        ({"X-API-Key": BOB, "Authorization": "Basic cHJveHk6cHJveHk="}, "bob"),
    ],
    ids=str,
)
async def test_every_key_is_accepted_in_either_header_and_the_record_has_its_name(
    guarded: Client, redis: "Redis", headers: dict[str, str], name: str
) -> None:
    for endpoint in QUEUE_ENDPOINTS:
        await guarded.queue(endpoint, GOOD[endpoint], **headers)
    assert clients(redis) == [name] * 3


async def test_every_route_but_the_named_ones_needs_a_key_one_added_later_too(start: Start) -> None:
    async def late(request: web.Request) -> web.Response:
        return web.Response(text="inside")

    app = create_app(Settings.read({"API_KEYS": API_KEYS}))
    routes = [(route.method, route.resource.canonical) for route in app.router.routes() if route.resource]
    closed = [(method, path) for method, path in routes if path not in OPEN_ROUTES]
    client = await start(web.get("/late", late), API_KEYS=API_KEYS)
    assert len(closed) >= 6
    for method, path in [*closed, ("GET", "/late"), ("GET", "/nothing"), ("OPTIONS", f"{BASE_PATH}/{SINGLE}")]:
        answer = await client.ask(method, path.replace("{task_id}", "x"))
        assert answer.status == 401, (method, path)
    assert (await client.ask("GET", "/late", headers=bearer(ALICE))).text == "inside"


async def test_probes_health_webhooks_and_the_documentation_need_no_key(guarded: Client) -> None:
    for path in ("/livez", "/readyz", f"{BASE_PATH}/health", "/api/docs", "/api/docs/openapi.json"):
        assert (await guarded.ask("GET", path)).status == 200, path
    for path in ("/api/docs/start.js", "/api/docs/static/swagger-ui.css"):
        assert (await guarded.ask("GET", path)).status == 200, path
    for path in ("/api/v1/twilio/incoming-call", "/api/v1/twilio/call-status"):
        assert (await guarded.ask("POST", path)).status == 403, path  # not signed by Twilio


@pytest.mark.parametrize("path", ["/livez/../metrics", "/api/docs/static/../../../metrics", "/api/docs/static%2f..%2f"])
async def test_an_open_address_does_not_lead_to_a_closed_one(guarded: Client, path: str) -> None:
    assert (await guarded.ask("GET", path)).status in {401, 403, 404}


async def test_metrics_need_a_key_where_there_are_keys(start: Start, client: Client) -> None:
    guarded = await start(API_KEYS=API_KEYS, ADMIN_KEYS="bob")
    refused(await guarded.ask("GET", "/metrics"), 401)
    assert (await guarded.ask("GET", "/metrics", headers=bearer(BOB))).status == 200
    assert (await client.ask("GET", "/metrics")).status == 200


async def test_without_keys_nobody_is_asked_and_the_record_names_nobody(client: Client, redis: "Redis") -> None:
    await client.queue(SINGLE, GOOD[SINGLE], **bearer("whatever"))
    assert clients(redis) == ["None"]


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_the_log_names_the_client_and_never_the_secret(away: Away, log_format: str) -> None:
    away.start(API_KEYS=API_KEYS, LOG_FORMAT=log_format, LOG_LEVEL="DEBUG")
    url = f"{BASE_PATH}/{SINGLE}"
    statuses = [
        away.timed("POST", url, json=GOOD[SINGLE], headers=headers)[0].status_code
        for headers in (bearer(ALICE), {"X-API-Key": BOB}, bearer("wrong-swordfish"), {})
    ]
    assert statuses == [200, 200, 401, 401]

    def lines() -> list[str]:
        return [line for line in away.output.splitlines() if url in line]

    wait_until(lambda: len(lines()) == 4, what="four requests are logged")
    named = [re.search(r'"?client"?[=:] ?[\'"]?(\w+)', line) for line in lines()]
    assert [match and match[1] for match in named] == ["alice", "bob", None, None]
    assert "swordfish" not in away.output
    assert BOB not in away.output


async def test_two_clients_may_use_the_same_idempotency_key(guarded: Client, redis: "Redis") -> None:
    async def post(secret: str, body: Any) -> Any:
        headers = bearer(secret) | {"Idempotency-Key": "a-key"}
        answer = await guarded.post(SINGLE, body, **headers)
        return answer.status, answer.body.get("task_id"), "Idempotent-Replayed" in answer.headers

    first = await post(ALICE, GOOD[SINGLE])
    assert first[0] == 200
    status, task_id, replayed = await post(BOB, GOOD[SINGLE] | {"delay_seconds": 5})
    assert (status, replayed) == (200, False)
    assert task_id != first[1]
    assert await post(OLD, GOOD[SINGLE]) == (200, first[1], True)  # the same client, with its other key
    assert clients(redis) == ["alice", "bob"]
