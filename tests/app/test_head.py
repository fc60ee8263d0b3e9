"""HEAD wherever GET is (RFC 9110, 9.1): the same answer without its body."""

import asyncio

import pytest
from aiohttp import web

from app.application import create_app
from app.settings import Settings
from tests.app.client import Client
from tests.app.conftest import Start
from tests.app.test_keys import API_KEYS
from tests.processes import BASE_PATH

WITHIN_SECONDS = 30.0
GET_PATHS = [
    "/livez",
    "/readyz",
    "/metrics",
    f"{BASE_PATH}/health",
    f"{BASE_PATH}/task-status/no-such-task",
    "/",
    "/console/style.css",
    "/console/nothing",
    "/api/docs",
    "/api/docs/start.js",
    "/api/docs/openapi.json",
    "/api/docs/static/swagger-ui.css",
    "/api/docs/static/nothing",
    "/nothing",
    *(f"{BASE_PATH}/{name}" for name in ("tasks", "calls", "overview", "do-not-call", "do-not-call/+12025550100")),
    *(f"{BASE_PATH}/tasks/no-such-task/{name}" for name in ("calls", "events")),
    f"{BASE_PATH}/forget-number/no-such-job",
]


def test_every_address_that_takes_get_takes_head() -> None:
    routes: list[web.AbstractRoute] = list(create_app(Settings.read({})).router.routes())
    taken = {
        method: {route.resource.canonical for route in routes if route.method == method and route.resource}
        for method in ("GET", "HEAD")
    }
    assert len(taken["GET"]) >= 9
    assert taken["GET"] == taken["HEAD"]


@pytest.mark.parametrize("path", GET_PATHS)
async def test_head_answers_what_get_does_without_its_body(client: Client, path: str) -> None:
    got, head = await client.ask("GET", path), await client.ask("HEAD", path)
    assert (head.status, head.headers["Content-Type"]) == (got.status, got.headers["Content-Type"])
    assert head.text == ""
    assert set(head.headers) == set(got.headers)


async def test_head_of_what_never_ends_ends(client: Client) -> None:
    async with asyncio.timeout(WITHIN_SECONDS):
        head = await client.ask("HEAD", f"{BASE_PATH}/stream")
    assert (head.status, head.text) == (200, "")
    assert head.headers["Content-Type"].startswith("text/event-stream")


@pytest.mark.parametrize("path", ["/metrics", f"{BASE_PATH}/task-status/x"])
async def test_head_needs_a_key_where_get_does(start: Start, path: str) -> None:
    assert (await (await start(API_KEYS=API_KEYS)).ask("HEAD", path)).status == 401
