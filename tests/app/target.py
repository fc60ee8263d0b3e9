"""Clients' servers, to which the relay passes events on."""

import asyncio
import json
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

from aiohttp import web
from aiohttp.test_utils import TestServer
from twilio.request_validator import RequestValidator

from app.security.signature import HEADER, sign
from schemas import keys
from tests.app.client import PUBLIC, STATUS, Client
from tests.processes import AUTH_TOKEN
from tests.scripts.conftest import Store


class Target:
    """A client's server: what it answers stands in the path that is asked for."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.cookies: list[str] = []
        self.signed: list[bool] = []
        self.told: list[str] = []
        self.numbers: list[str] = []
        self.forms: list[dict[str, str]] = []
        self.visited = asyncio.Event()
        self.awake = asyncio.Event()
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._take)
        self.server = TestServer(app, host="127.0.0.1")

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.server.port}{path}"

    async def _take(self, request: web.Request) -> web.Response:
        form = dict(parse_qsl(await request.text(), keep_blank_values=True))
        signature = request.headers.get(HEADER, "")
        self.signed.append(RequestValidator(AUTH_TOKEN).validate(str(request.url), form, signature))
        self.cookies.append(request.headers.get("Cookie", ""))
        self.paths.append(request.path)
        self.forms.append(form)
        self.told.append(form.get("CallStatus", ""))
        self.numbers.append(form["SequenceNumber"])
        self.visited.set()
        if request.path.startswith("/moved/"):
            return web.Response(status=int(request.path[7:]), headers={"Location": self.url("/inside")})
        if request.path.startswith("/declining/"):
            _, _, declined, code = request.path.split("/")
            return web.Response(status=int(code) if form["CallStatus"] == declined else 204)
        match request.path:
            case "/failing":
                return web.Response(status=500)
            case "/dropping" if request.transport is not None:
                request.transport.abort()
            case "/asleep":
                await self.awake.wait()
        answer = web.Response()
        answer.set_cookie("client", "of-one")
        return answer


async def tell(client: Client, store: Store, url: str, /, **fields: str) -> str:
    """Twilio tells of a call whose client wants to know at `url`; its id. `fields` are those of its record."""
    sid = f"CA{uuid4().hex}"
    call = store.placed(sid=sid)
    store.redis.hset(keys.task(call), mapping={"status_callback_url": url, **fields})
    await tell_again(client, call, sid, 0)
    return call


async def tell_again(client: Client, call: str, sid: str, sequence: int, status: str = "ringing") -> None:
    """Twilio tells the next event of a call."""
    form = {"CallSid": sid, "CallStatus": status, "SequenceNumber": str(sequence), "CalledZip": ""}
    path = f"{STATUS}?call={call}"
    headers = {HEADER: sign(PUBLIC + path, list(form.items()), AUTH_TOKEN)}
    async with client.http.post(path, data=form, headers=headers) as answer:
        assert answer.status == 204


def retried(store: Store, call: str) -> list[dict[str, Any]]:
    """The call's events whose delivery has failed and is repeated."""
    events = store.redis.hvals(f"{keys.PREFIX}events:{call}")
    return [event for event in map(json.loads, events) if event.get("failures")]


def all_told(store: Store, call: str, count: int) -> bool:
    """Whether so many events of the call were handed out, and none is left."""
    return store.task(call).get("event_count") == str(count) and not store.redis.exists(f"{keys.PREFIX}events:{call}")
