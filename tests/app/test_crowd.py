"""A newcomer is served though one address keeps all the room."""

import asyncio

import pytest

from tests.app.wire import Listen

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
