"""
Which addresses the relay may connect to: public ones only, checked when the connection is made.

Sources: the IANA registries of special-purpose addresses
(https://www.iana.org/assignments/iana-ipv4-special-registry, .../iana-ipv6-special-registry), RFC 4291 (mapped),
RFC 6052 and RFC 8215 (NAT64), RFC 3056 (6to4), RFC 4380 (Teredo).
"""

import asyncio
import re
import socket
from collections import Counter
from collections.abc import Callable
from functools import partial
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any, Final

from aiohttp import ClientPayloadError, StreamReader, TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.client_proto import ResponseHandler
from aiohttp.client_reqrep import ConnectionKey
from aiohttp.http import HttpProcessingError, RawResponseMessage

from app.relay.lookups import Lookups

Address = IPv4Address | IPv6Address
#: Why an address, as text, may not be connected to; None if it may.
Refusal = Callable[[str], str | None]
AddressInfo = tuple[int, int, int, str, tuple[str, int] | tuple[str, int, int, int]]

_IPV4_NOT_PUBLIC: Final = tuple(
    (ip_network(network), kind)
    for network, kind in (
        ("0.0.0.0/8", "unspecified"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "carrier-grade NAT"),
        ("127.0.0.0/8", "loopback"),
        ("168.63.129.16/32", "cloud metadata"),  # Azure's; those of the others are link-local, private or shared
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved"),
        ("192.0.2.0/24", "reserved"),
        ("192.88.99.0/24", "reserved"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "reserved"),
        ("198.51.100.0/24", "reserved"),
        ("203.0.113.0/24", "reserved"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
    )
)
_IPV6_NOT_PUBLIC: Final = tuple(
    (ip_network(network), kind)
    for network, kind in (
        ("::/128", "unspecified"),
        ("::1/128", "loopback"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "private"),
        ("ff00::/8", "multicast"),
        ("2001::/23", "reserved"),  # Teredo too, in which the sender chooses both of the addresses within
        ("2001:db8::/32", "reserved"),
        ("3fff::/20", "reserved"),
    )
)
_IPV6_PUBLIC: Final = ip_network("2000::/3")
_NAT64: Final = ip_network("64:ff9b::/96")


#: Interim answers (1xx) before one answer: a server that never stops sending them would keep the process busy.
MOST_INTERIM_ANSWERS: Final = 10
#: Of a name's addresses of one family. aiohttp tries all of them, a new one each quarter of a second beside those that
#: are silent, and again all but one after each round in which every one of them refused.
MOST_ADDRESSES: Final = 3
#: Connections, to all hosts, that wait for another event; aiohttp keeps any number.
MOST_IDLE: Final = 200
_INTERIM: Final = range(100, 200)
_FIRST_LINE: Final = re.compile(rb"HTTP/\d\.\d (\d{3})\b", re.ASCII)


class ForbiddenTarget(OSError):
    """A client's URL leads to an address that is not public; the message says of which kind."""


def not_public(text: str) -> str | None:
    """Why an address may not be connected to; None if it may. What is no plain address is not public."""
    try:
        address = _inner(ip_address(text))
    except ValueError:
        return "malformed"
    if isinstance(address, IPv4Address):
        return next((kind for network, kind in _IPV4_NOT_PUBLIC if address in network), None)
    kind = next((kind for network, kind in _IPV6_NOT_PUBLIC if address in network), None)
    return kind if kind or address in _IPV6_PUBLIC else "reserved"


def _inner(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for on its way, if it does."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def anywhere(text: str) -> str | None:
    """Refuses no address: ALLOW_PRIVATE_WEBHOOKS."""
    return None


class CheckedResolver(AbstractResolver):
    """Resolves a name to some of its addresses that are not refused; raises ForbiddenTarget if all are."""

    def __init__(self, resolver: AbstractResolver, refusal: Refusal) -> None:
        self._resolver = resolver
        self._refusal = refusal

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Addresses of a name."""
        found = await self._resolver.resolve(host, port, family)
        allowed: list[ResolveResult] = []
        of_family = Counter[int]()
        for result in found:
            if of_family[result["family"]] < MOST_ADDRESSES and self._refusal(result["host"]) is None:
                of_family[result["family"]] += 1
                allowed.append(result)
        if found and not allowed:
            raise ForbiddenTarget(f"{self._refusal(found[0]['host'])} address")
        return allowed

    async def close(self) -> None:
        """Closes the resolver that does the work."""
        await self._resolver.close()


class BoundedAnswer(ResponseHandler):
    """
    A connection whose other end may send only so many interim answers (1xx) before the answer, and has no say in how
    long it lasts: of TLS, to take leave may take half a minute. What is wrong with an answer behind its first line is
    told with the status that stands there.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self._interim = 0
        self._status = 0  #: of the answer whose first line has come, and nobody has heard of yet

    def data_received(self, data: bytes) -> None:
        """Takes some bytes."""
        if first_line := _FIRST_LINE.match(data):
            self._status = int(first_line[1])
        super().data_received(data)
        if isinstance(fault := self.exception(), HttpProcessingError):
            fault.code = self._status

    def feed_data(self, data: tuple[RawResponseMessage, StreamReader], size: int = 0) -> None:
        """Takes the head of an answer."""
        self._interim = self._interim + 1 if data[0].code in _INTERIM else 0
        if self._interim <= MOST_INTERIM_ANSWERS:
            self._status = 0
            super().feed_data(data, size)
        elif self.transport is not None and not self.transport.is_closing():
            self.set_exception(ClientPayloadError("Too many interim answers"))
            self.transport.abort()

    def close(self) -> None:
        """Closes it at once."""
        self.abort()


class _Connector(TCPConnector):
    """Of aiohttp's, with connections that bound what they take, and few that wait for another event."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        kind: type[ResponseHandler] = BoundedAnswer
        self._factory = partial(kind, loop=self._loop)

    def _release(self, key: ConnectionKey, protocol: ResponseHandler, *, should_close: bool = False) -> None:
        idle = sum(map(len, self._conns.values()))
        super()._release(key, protocol, should_close=should_close or idle >= MOST_IDLE)


def connector(limit: int, refusal: Refusal, resolver: AbstractResolver | None = None) -> TCPConnector:
    """Connections to addresses that are not refused. To be made within a running loop."""

    def checked_socket(info: AddressInfo) -> socket.socket:
        """For exactly the address that is connected to next: the last gate, and the only one for addresses in URLs."""
        family, kind, protocol, _, address = info
        if reason := refusal(address[0]):
            raise ForbiddenTarget(f"{reason} address")
        return socket.socket(family, kind, protocol)

    checked_resolver = CheckedResolver(resolver or Lookups(), refusal)
    return _Connector(limit=limit, resolver=checked_resolver, socket_factory=checked_socket)
