"""A simulator in this process on a free port, a receiver of its webhooks, and the official SDK."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from twilio.rest import Client

from simulator.journal import Journal
from simulator.server import build_app
from simulator.settings import Settings

ACCOUNT_SID = "AC" + "0" * 32
AUTH_TOKEN = "12345"
FROM = "+15552009999"
SILENCE = "<Response/>"
TO = "+15552230001"
EVENTS = ["initiated", "ringing", "answered", "completed"]
GOOD = {"To": TO, "From": FROM, "Twiml": SILENCE}


def basic(user: str = ACCOUNT_SID, password: str = AUTH_TOKEN) -> dict[str, str]:
    """The header of HTTP Basic credentials."""
    return {"Authorization": aiohttp.encode_basic_auth(user, password)}


async def serve(app: web.Application, stack: AsyncExitStack) -> str:
    """Serve on a free port until the stack unwinds; the base URL."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return f"http://127.0.0.1:{runner.addresses[0][1]}"


async def until(condition: Callable[[], Awaitable[Any]], seconds: float = 50.0, what: str = "the condition") -> Any:
    """The condition's first true value, or a failure after so many seconds."""
    deadline = time.monotonic() + seconds
    while True:
        value = await condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"{what} did not come true in {seconds} s"
        await asyncio.sleep(0.01)


@dataclass
class Running:
    """One running simulator, spoken to over HTTP only."""

    base_url: str
    http: aiohttp.ClientSession

    @property
    def calls_url(self) -> str:
        return f"{self.base_url}/2010-04-01/Accounts/{ACCOUNT_SID}/Calls"

    def client(self) -> Client:
        """The official SDK's synchronous client, pointed here."""
        client = Client(ACCOUNT_SID, AUTH_TOKEN)
        client.api.base_url = self.base_url
        return client

    async def post(self, form: dict[str, str] | list[tuple[str, str]]) -> tuple[int, Any]:
        """Order a call; HTTP status and JSON."""
        url = self.calls_url + ".json"
        async with self.http.post(url, data=form, headers=basic()) as answer:
            return answer.status, await answer.json()

    async def call(self, to: str = "+15552230001", **fields: str) -> str:
        """Order a plain call; its sid."""
        status, body = await self.post({"To": to, "From": FROM, "Twiml": SILENCE} | fields)
        assert status == 201, body
        return str(body["sid"])

    async def control(self, method: str, path: str, body: object = None) -> Any:
        """Ask the control API; the JSON of a good answer."""
        url = f"{self.base_url}/simulator/{path}"
        async with self.http.request(method, url, json=body) as answer:
            assert answer.status < 300, await answer.text()
            return None if answer.status == 204 else await answer.json()

    async def oracle(self, sid: str) -> Any:
        """What the simulator knows of one call."""
        report = await self.control("GET", "calls")
        return next(call for call in report["calls"] if call["sid"] == sid)

    async def ended(self, sid: str) -> Any:
        """The oracle's row of the call once it has ended and its callbacks have been answered."""

        async def check() -> Any:
            call = await self.oracle(sid)
            settled = all(record["attempts"] or record["fault"] == "callback_drop" for record in call["callbacks"])
            return call if call["ended"] and settled else None

        return await until(check, what=f"the end of {sid}")


@dataclass
class Received:
    """One webhook as it came in."""

    method: str
    url: str
    form: dict[str, str]
    headers: dict[str, str]


@dataclass
class Receiver:
    """A customer's server: notes every request, answers what the test wants."""

    base_url: str = ""
    received: list[Received] = field(default_factory=list)
    answers: dict[str, Callable[[Received], Awaitable[web.StreamResponse] | web.StreamResponse]] = field(
        default_factory=dict
    )

    async def handle(self, request: web.Request) -> web.StreamResponse:
        form = {name: str(value) for name, value in (await request.post()).items()}
        url = f"http://{request.host}{request.raw_path}"
        received = Received(request.method, url, form, dict(request.headers))
        self.received.append(received)
        answer = self.answers.get(request.path)
        if answer is None:
            return web.Response(status=204)
        made = answer(received)
        return made if isinstance(made, web.StreamResponse) else await made

    def twiml(self, path: str, document: str) -> str:
        """Answer this path with TwiML; its URL."""
        self.answers[path] = lambda _request: web.Response(text=document, content_type="text/xml")
        return self.base_url + path


async def order(simulator: Running, receiver: Receiver, to: str, **fields: str) -> str:
    """A call with all four events subscribed; its sid."""
    form = {"To": to, "From": FROM, "Twiml": SILENCE, "StatusCallback": receiver.base_url + "/cb"}
    pairs = [*(form | fields).items(), *(("StatusCallbackEvent", event) for event in EVENTS)]
    status, body = await simulator.post(pairs)
    assert status == 201, body
    return str(body["sid"])


@pytest.fixture
async def start() -> AsyncIterator[Callable[..., Awaitable[Running]]]:
    """Starts simulators with given settings."""
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(aiohttp.ClientSession())

        async def start_one(**settings: Any) -> Running:
            given: dict[str, Any] = {"account_sid": ACCOUNT_SID, "auth_token": AUTH_TOKEN, "speed": 100.0}
            app = await build_app(Settings(**given | settings), Journal("console", None))
            return Running(await serve(app, stack), http)

        yield start_one


@pytest.fixture
async def simulator(start: Callable[..., Awaitable[Running]]) -> Running:
    """A simulator at a hundredfold speed."""
    return await start()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A customer's server on a free port."""
    async with AsyncExitStack() as stack:
        one = Receiver()
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", one.handle)
        one.base_url = await serve(app, stack)
        yield one
