"""Whose request it is, as far as addresses tell."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final, TypeAlias

Network: TypeAlias = IPv4Network | IPv6Network
Address: TypeAlias = IPv4Address | IPv6Address

_IPV6_HOME_BITS: Final = 64
_LOOPBACK: Final = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))


def home_of(peer: str, forwarded: Sequence[str], trusted_proxies: Sequence[Network]) -> str:
    """
    The address that a request comes from; of IPv6 the part that one home has.

    `forwarded` are the lines of X-Forwarded-For; only trusted proxies are believed.
    """
    address = _sender(peer, forwarded, trusted_proxies)
    if isinstance(address, IPv6Address):
        return str(IPv6Network((int(address), _IPV6_HOME_BITS), strict=False))
    return str(address)


def is_from_here(peer: str, forwarded: Sequence[str], trusted_proxies: Sequence[Network]) -> bool:
    """Whether a request comes from this machine itself, and not through a proxy on it, be that named or not."""
    address = _sender(peer, forwarded, (*trusted_proxies, *_LOOPBACK))
    return address is not None and address.is_loopback


def is_loopback(host: str) -> bool:
    """Whether a host's name or address, without brackets, leads to this machine and no other."""
    if host == "localhost" or host.endswith(".localhost"):  # RFC 6761, section 6.3
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _sender(peer: str, forwarded: Sequence[str], proxies: Sequence[Network]) -> Address | None:
    """The nearest address that is no proxy's; None if what stands there is none."""
    hops = [hop.strip() for line in forwarded for hop in line.split(",")]
    address = _parse(peer)
    while hops and address is not None and any(address in network for network in proxies):
        address = _parse(hops.pop())
    return address


def _parse(text: str) -> Address | None:
    """An address, with or without a port: some proxies add it."""
    bare = text
    if text.startswith("["):
        bare = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        bare = text.partition(":")[0]
    try:
        address = ip_address(bare)
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address
