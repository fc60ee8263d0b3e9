"""The relay connects to public addresses only: by address, by name, by redirect, by a name that changes its mind."""

import socket
from collections.abc import AsyncIterator
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

import pytest
from aiohttp import ClientConnectorError, ClientSession, InvalidURL, TCPConnector, web
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.test_utils import TestServer
from hypothesis import given
from hypothesis import strategies as st

from app.targets import ForbiddenTarget, anywhere, connector, not_public

PUBLIC = ["93.184.216.34", "8.8.8.8", "1.1.1.1", "2606:4700::1111", "2a00:1450:4001:800::200e", "64:ff9b::8.8.8.8"]
NOT_PUBLIC = {
    "0.0.0.0": "unspecified",  # noqa: S104 - an address to be refused
    "10.1.2.3": "private",
    "100.64.0.1": "carrier-grade NAT",
    "100.100.100.200": "carrier-grade NAT",
    "127.0.0.1": "loopback",
    "127.255.255.254": "loopback",
    "168.63.129.16": "cloud metadata",
    "169.254.169.254": "link-local",
    "172.31.255.255": "private",
    "192.0.0.192": "reserved",
    "192.168.0.1": "private",
    "224.0.0.1": "multicast",
    "255.255.255.255": "reserved",
    "::": "unspecified",
    "::1": "loopback",
    "fd00:ec2::254": "private",
    "fe80::1": "link-local",
    "fe80::1%1": "link-local",
    "ff02::1": "multicast",
    "::ffff:127.0.0.1": "loopback",
    "::ffff:7f00:1": "loopback",
    "::ffff:10.0.0.1": "private",
    "::127.0.0.1": "reserved",
    "::ffff:0:127.0.0.1": "reserved",
    "64:ff9b::127.0.0.1": "loopback",
    "64:ff9b::a9fe:a9fe": "link-local",
    "64:ff9b:1::8.8.8.8": "reserved",
    "2002:7f00:1::": "loopback",
    "2002:a9fe:a9fe::1": "link-local",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2": "reserved",
    "2001:db8::1": "reserved",
    "localhost": "malformed",
    "127.1": "malformed",
    "2130706433": "malformed",
    "0x7f.0.0.1": "malformed",
    "0177.0.0.1": "malformed",
    "": "malformed",
}


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_allowed(address: str) -> None:
    assert not_public(address) is None


@pytest.mark.parametrize(("address", "kind"), NOT_PUBLIC.items())
def test_an_address_that_is_not_public_is_refused_in_each_of_its_forms(address: str, kind: str) -> None:
    assert not_public(address) == kind


@given(st.ip_addresses())
def test_no_address_is_allowed_that_pythons_registry_calls_private(address: IPv4Address | IPv6Address) -> None:
    if not address.is_global or address.is_multicast:
        inner = address.sixtofour if isinstance(address, IPv6Address) else None
        assert not_public(str(address)) or (inner is not None and inner.is_global) or "64:ff9b::" in str(address)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_in_the_clothes_of_ipv6_is_judged_as_itself(address: IPv4Address) -> None:
    number = int(address)
    for form in (0xFFFF << 32 | number, 0x0064_FF9B << 96 | number, 0x2002 << 112 | number << 80 | 1):
        assert not_public(str(ip_address(form.to_bytes(16)))) == not_public(str(address))


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
