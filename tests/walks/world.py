"""A web tier over HTTP, with workers behind it, in a time that passes only when it is told."""

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

from app.application import create_app
from app.settings import Settings
from app.store import client as web_store
from schemas.limits import Limits
from tests.app.client import PUBLIC
from tests.processes import ACCOUNT_SID, AUTH_TOKEN, BASE_PATH, FROM_NUMBER
from tests.scripts.clockwork import clockwork, timed_digest, timed_source
from tests.scripts.conftest import Store
from tests.walks.gate import MOST_A_NUMBER, NAMES, Gate
from tests.walks.workers import Workers
from worker.ledger import Ledger

_DAY_SECONDS = 86_400
#: Tomorrow at 15:00 UTC: what Redis keeps for a time lives by its own clock, which is behind.
START = float(int(time.time()) // _DAY_SECONDS * _DAY_SECONDS + _DAY_SECONDS + 15 * 3600)
_STEPS = 10  #: in which a span of time passes


@dataclass(frozen=True)
class Answer:
    """One of the web tier's."""

    status: int
    headers: Any
    text: str

    def json(self) -> Any:
        return json.loads(self.text)


class World:
    """One Redis, one web tier; `now` moves only by `pass_time`."""

    def __init__(self, redis: Any, url: str, seed: int, settings: dict[str, str]) -> None:
        self.now, self._redis = START, redis
        redis.flushall()
        self._set()
        read = Settings.read(
            {
                "CELERY_BROKER_URL": url,
                "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
                "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
                "TWILIO_PHONE_NUMBER": FROM_NUMBER,
                "TWILIO_API_BASE_URL": "http://127.0.0.1:1",
                "PUBLIC_BASE_URL": PUBLIC,
                "API_KEYS": ",".join(f"{name}:{secret}" for name, secret in NAMES.items()),
                "MAX_CALLS_PER_NUMBER_PER_DAY": str(MOST_A_NUMBER),
                "REQUESTS_PER_SECOND_PER_KEY": "100000",
                **settings,
            }
        )
        most_a_day = read.limits.most_calls_per_day
        limits = Limits(1000, 60_000, 1000, most_calls_per_day=most_a_day, most_calls_per_number=MOST_A_NUMBER)
        self.store = Store(redis, 1000, 60_000, 1000)
        self.store.ledger = Ledger(redis, limits, 30, 30, policy=read.policy.name)
        self.gate = Gate(self.store, read.policy)
        self._workers = Workers(self.store, self.gate, Random(seed))
        self._loop = asyncio.new_event_loop()
        self._client: Any = self._loop.run_until_complete(_started(read))

    def close(self) -> None:
        self._loop.run_until_complete(self._client.close())
        self._loop.close()

    def ask(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Answer:
        """Sends one request."""

        async def go() -> Answer:
            url = URL(f"{BASE_PATH}/{path}", encoded=True)
            async with self._client.request(method, url, json=body, headers=headers) as answer:
                return Answer(answer.status, answer.headers, await answer.text())

        return self._loop.run_until_complete(go())

    def pass_time(self, seconds: float) -> None:
        """Calls end meanwhile, and what is due goes."""
        until = self.now + seconds
        self._workers.work(self.now)
        while self.now < until:
            ends = [one[0] for one in self._workers.live]
            self.now = max(self.now, min([*ends, self.now + max(1.0, seconds / _STEPS), until]))
            self._set()
            self._workers.work(self.now)
        self._workers.work(self.now)

    def _set(self) -> None:
        us = round(self.now * 1e6)
        self._redis.hset("clock", mapping={"seconds": us // 1_000_000, "microseconds": us % 1_000_000})


async def _started(settings: Settings) -> Any:
    client: Any = TestClient(TestServer(create_app(settings)))
    await client.start_server()
    return client


@contextmanager
def world(redis: Any, url: str, seed: int, settings: dict[str, str]) -> Iterator[World]:
    """Scripts, web tier and clients have its time."""
    times = [START]
    ask = web_store.Store.ask

    async def asked(self: Any, *words: Any) -> Any:
        if words == ("TIME",):
            us = round(time.time() * 1e6)
            return [str(us // 1_000_000), str(us % 1_000_000)]
        return await ask(self, *words)

    with clockwork(), pytest.MonkeyPatch.context() as patched:
        patched.setattr(web_store, "source", timed_source)
        patched.setattr(web_store, "digest", timed_digest)
        patched.setattr(web_store.Store, "ask", asked)
        patched.setattr("app.store.leaving.LEAVING_SECONDS", 0.0)
        patched.setattr("app.store.ledger._RedisClock.at_us", lambda _, __: 0)
        patched.setattr(time, "time", lambda: times[-1])
        here = World(redis, url, seed, settings)
        patched.setattr(time, "time", lambda: here.now)
        try:
            yield here
        finally:
            here.close()
