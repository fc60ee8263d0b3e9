"""A newcomer is served though one address keeps all the room."""

import asyncio

from tests.app.wire import Listen


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
