"""A newcomer is served though one address keeps all the room."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

import pytest
from aiohttp import web

from app.http.crowd import Crowd
from tests.app.wire import LIVEZ, Listen

_PROMISED = b" HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n"
#: What lets the server wait without being idle: a body that never comes, wanted by a handler or by nobody; an answer
#: that nobody reads.
OWED = {
    "a webhook without its body": b"POST /api/v1/twilio/call-status" + _PROMISED,
    "one that was refused": b"POST /nowhere" + _PROMISED,
    "a probe with a body": b"GET /readyz" + _PROMISED,
    "answers that nobody reads": b"GET /api/docs/static/swagger-ui-bundle.js HTTP/1.1\r\nHost: localhost\r\n\r\n" * 4,
}


async def _asks(port: int, host: str) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(host, 0))
    writer.write(b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    answer = await reader.read()
    writer.close()
    return answer


async def test_idle_connections_of_one_address_make_room_for_another(listen: Listen) -> None:
    connect = await listen(MAX_CONNECTIONS="50")
    links = [await connect() for _ in range(50)]
    port = links[0].writer.get_extra_info("peername")[1]

    for _ in range(3):
        assert (await _asks(port, "127.0.0.2")).startswith(b"HTTP/1.1 200")
    assert await asyncio.wait_for(links[0].reader.read(), 5) == b""  # the longest idle went
    assert not links[-1].reader.at_eof()


async def test_who_keeps_all_the_room_gets_a_new_connection_for_an_old_one(listen: Listen) -> None:
    connect = await listen(MAX_CONNECTIONS="5")
    links = [await connect() for _ in range(12)]

    port = links[0].writer.get_extra_info("peername")[1]
    assert (await _asks(port, "127.0.0.1")).startswith(b"HTTP/1.1 200")
    assert await asyncio.wait_for(links[0].reader.read(), 5) == b""


@pytest.mark.parametrize("sent", OWED.values(), ids=OWED)
async def test_who_owes_the_rest_of_a_request_makes_room_as_the_idle_do(listen: Listen, sent: bytes) -> None:
    connect = await listen(MAX_CONNECTIONS="10")
    links = [await connect() for _ in range(10)]
    for link in links:
        link.writer.transport.pause_reading()  # type: ignore[attr-defined]
        link.writer.write(sent)
    port = links[0].writer.get_extra_info("peername")[1]

    answer = b""
    for _ in range(50):  # far less than a body is waited for, or an unread answer
        answer = await _asks(port, "127.0.0.2")
        if answer.startswith(b"HTTP/1.1 200"):
            break
        await asyncio.sleep(0.1)  # while handlers make the answers, it is they who are waited for
    assert answer.startswith(b"HTTP/1.1 200")


async def test_an_address_none_of_which_is_idle_keeps_nobody_out(listen: Listen) -> None:
    go_on, came = asyncio.Event(), asyncio.Event()

    async def wait(_: web.Request) -> web.Response:
        came.set()
        await go_on.wait()
        return web.json_response({})

    busy = await (await listen(web.get("/wait", wait), MAX_CONNECTIONS="10"))()
    await busy.send(LIVEZ.replace(b"/livez", b"/wait"))
    await came.wait()
    port = busy.writer.get_extra_info("peername")[1]
    idle = [await asyncio.open_connection("127.0.0.1", port, local_addr=(f"127.0.0.{at}", 0)) for at in range(10, 19)]
    try:
        assert (await _asks(port, "127.0.0.2")).startswith(b"HTTP/1.1 200")
        go_on.set()
        assert (await busy.reply()).status == 200
    finally:
        for _, writer in idle:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()


@dataclass(eq=False)
class _Idle:
    """A connection from anywhere, idle ever since."""

    address: str
    idle_since: float = 0.0
    is_new: bool = False
    is_out: bool = False

    def turn_out(self) -> None:
        self.is_out = True


def test_all_addresses_of_one_ipv6_network_share_one_room() -> None:
    crowd = Crowd(10)
    crowded = [_Idle(f"2001:db8::{at:x}") for at in range(8)]
    others = [_Idle("192.0.2.1"), _Idle("192.0.2.1")]
    newcomers = [_Idle(f"198.51.100.{at}") for at in range(6)]
    for guest in (*others, *crowded, *newcomers):
        assert crowd.enter(guest)
    assert sum(guest.is_out for guest in crowded) == len(newcomers)
    for guest in (*others, *crowded, *newcomers):
        crowd.leave(guest)
    assert crowd.enter(_Idle("2001:db8::1"))
