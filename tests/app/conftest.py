"""The web tier in this process, in front of a real Redis."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
import structlog
from aiohttp import web
from aiohttp.test_utils import TestClient
from pytest_aiohttp.plugin import AiohttpClient
from redis import Redis

from app.application import create_app
from app.door import Door
from app.settings import Settings
from tests.app.away import Away
from tests.app.client import PUBLIC, Client
from tests.app.target import Target
from tests.app.wire import SHORT_SECONDS, Call, Link, Listen
from tests.closing import end_served
from tests.processes import ACCOUNT_SID, AUTH_TOKEN, FROM_NUMBER, RedisServer
from tests.scripts.conftest import Store

Start = Callable[..., Awaitable[Client]]


@pytest.fixture(scope="session", autouse=True)
def _plain_logs() -> None:
    """Log lines as in production; structlog's default draws a traceback with every local of every frame."""
    structlog.configure(processors=[structlog.processors.format_exc_info, structlog.processors.JSONRenderer()])


@pytest.fixture
def variables(redis_server: RedisServer) -> dict[str, str]:
    """The environment of a web tier that can do everything."""
    return {
        "CELERY_BROKER_URL": redis_server.url,
        "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
        "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
        "TWILIO_PHONE_NUMBER": FROM_NUMBER,
        "TWILIO_API_BASE_URL": "http://127.0.0.1:1",
    }


@pytest.fixture
def start(aiohttp_client: AiohttpClient, redis: "Redis", variables: dict[str, str]) -> Start:
    """Starts web tiers with further settings and routes; the Redis is empty."""

    async def start_one(*routes: web.RouteDef, **settings: str) -> Client:
        app = create_app(Settings.read(variables | settings))
        app.add_routes(routes)
        http: TestClient[web.Request, web.Application] = await aiohttp_client(app)
        return Client(http)

    return start_one


@pytest.fixture
async def client(start: Start) -> Client:
    """A web tier with every setting made."""
    return await start()


@pytest.fixture
async def public(start: Start) -> Client:
    """A web tier that Twilio reaches, with two tokens, as while one is replaced."""
    return await start(PUBLIC_BASE_URL=PUBLIC, TWILIO_AUTH_TOKEN_SECONDARY="next")


@pytest.fixture
def store(redis: "Redis") -> Store:
    """The workers' way to the same Redis, with limits that hold nothing up."""
    return Store(redis, 1000, 60_000, 1000)


@pytest.fixture
def away(tmp_path: Path, variables: dict[str, str]) -> Iterator[Away]:
    """A web tier as a process, with a Redis of its own to be stopped and killed."""
    with Away(tmp_path, variables) as one:
        yield one


@pytest.fixture
async def listen(redis: "Redis", variables: dict[str, str]) -> AsyncIterator[Listen]:
    """Starts web tiers behind their real door, and connects to them."""
    runners: list[web.AppRunner] = []
    links: list[Link] = []

    async def start(*routes: web.RouteDef, **settings: str) -> Call:
        read = Settings.read(variables | settings)
        app = create_app(read)
        app.add_routes(routes)
        runners.append(web.AppRunner(app, shutdown_timeout=0.1))
        await runners[-1].setup()
        await Door(runners[-1], "127.0.0.1", 0, read.max_connections).start()
        port = runners[-1].addresses[0][1]

        async def connect() -> Link:
            links.append(Link(*await asyncio.open_connection("127.0.0.1", port)))
            return links[-1]

        return connect

    yield start
    await end_served([], [link.writer for link in links])
    for runner in runners:
        await runner.cleanup()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Little patience, so that the tests need little time."""
    monkeypatch.setattr("app.http.connections.HEAD_SECONDS", SHORT_SECONDS)
    monkeypatch.setattr("app.http.connections.LINGERING_SECONDS", 0.1)
    monkeypatch.setattr("app.http.body.reading.BODY_SECONDS", SHORT_SECONDS)


@pytest.fixture
async def target() -> AsyncIterator[Target]:
    """A client's server."""
    one = Target()
    await one.server.start_server()
    yield one
    one.awake.set()
    await one.server.close()


other = target  #: another client's
