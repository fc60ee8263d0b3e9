"""The relay connects to public addresses only: by address, by name, by redirect, by a name that changes its mind."""

import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientConnectorError, ClientSession, InvalidURL, TCPConnector, web
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.test_utils import TestServer

from app.relay.targets import ForbiddenTarget, anywhere, connector, not_public


class Names(AbstractResolver):
    """Answers each question about a name with the next of its answers; the last one stays."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers = list(answers)
        self.asked = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        answer = self._answers[min(self.asked, len(self._answers) - 1)]
        self.asked += 1
        return [
            ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=0) for address in answer
        ]

    async def close(self) -> None:
        """There is nothing to close."""


class Sink:
    """Servers on one port of several loopback addresses; which were reached."""

    def __init__(self) -> None:
        self.reached: list[str] = []
        self.port = 0
        self._servers: list[TestServer] = []

    async def listen(self, *addresses: str) -> None:
        for address in addresses:

            async def take(request: web.Request, address: str = address) -> web.Response:
                self.reached.append(address)
                return web.Response(headers={"Connection": "close"})

            app = web.Application()
            app.router.add_route("*", "/{path:.*}", take)
            server = TestServer(app, host=address, port=self.port)
            await server.start_server()
            self.port = server.port or 0
            self._servers.append(server)

    async def close(self) -> None:
        for server in self._servers:
            await server.close()


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    one = Sink()
    await one.listen("127.0.0.1", "127.0.0.2")
    yield one
    await one.close()


def second_is_private(address: str) -> str | None:
    """A rule that tells two loopback addresses apart, as the real one does public and private ones."""
    return None if address == "127.0.0.1" else "private"


async def _refused(target: TCPConnector, url: str) -> Any:
    async with ClientSession(connector=target) as http:
        with pytest.raises((ClientConnectorError, InvalidURL)) as caught:
            await http.post(url, allow_redirects=False)
    return caught.value


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "127.0.0.1:1", "localhost"],  # noqa: S104 - refused
)
async def test_no_connection_is_made_to_a_private_address_in_a_url(sink: Sink, host: str) -> None:
    url = f"http://{host}/" if host.endswith(":1") else f"http://{host}:{sink.port}/"
    error = await _refused(connector(10, not_public), url)

    assert isinstance(error.os_error, ForbiddenTarget)
    assert sink.reached == []


@pytest.mark.parametrize("host", ["2130706433", "127.1", "0x7f000001", "0177.0.0.1", "0x7f.1", "127.0.0.1."])
async def test_an_address_in_an_odd_spelling_leads_nowhere(sink: Sink, host: str) -> None:
    await _refused(connector(10, not_public), f"http://{host}:{sink.port}/")

    assert sink.reached == []


@pytest.mark.parametrize("answer", [["127.0.0.1"], ["::ffff:127.0.0.1", "10.0.0.1"], ["169.254.169.254"], ["fd00::1"]])
async def test_a_name_that_leads_to_private_addresses_is_refused(sink: Sink, answer: list[str]) -> None:
    error = await _refused(connector(10, not_public, Names(answer)), f"http://client.example:{sink.port}/")

    assert isinstance(error.os_error, ForbiddenTarget)
    assert sink.reached == []


async def test_of_a_names_addresses_only_the_allowed_ones_are_connected_to(sink: Sink) -> None:
    names = Names(["127.0.0.2", "127.0.0.1", "127.0.0.2"])
    async with ClientSession(connector=connector(10, second_is_private, names)) as http:
        await http.post(f"http://client.example:{sink.port}/")

    assert sink.reached == ["127.0.0.1"]


async def test_a_name_that_changes_after_the_check_leads_only_to_what_was_checked(sink: Sink) -> None:
    names = Names(["127.0.0.1"], ["127.0.0.2"])
    target = connector(10, second_is_private, names)
    async with ClientSession(connector=target) as http:
        await http.post(f"http://client.example:{sink.port}/")
        assert (names.asked, sink.reached) == (1, ["127.0.0.1"])
        target.clear_dns_cache()
        with pytest.raises(ClientConnectorError) as caught:
            await http.post(f"http://client.example:{sink.port}/")

    assert isinstance(caught.value.os_error, ForbiddenTarget)
    assert (names.asked, sink.reached) == (2, ["127.0.0.1"])


async def test_for_local_work_the_rule_can_be_lifted(sink: Sink) -> None:
    async with ClientSession(connector=connector(10, anywhere)) as http:
        await http.post(f"http://localhost:{sink.port}/")

    assert sink.reached == ["127.0.0.1"]
