"""Which addresses are public, in every form in which one can be written."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.relay.targets import not_public

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
    "192.0.2.1": "reserved",
    "192.88.99.1": "reserved",
    "192.168.0.1": "private",
    "198.18.0.1": "reserved",
    "198.51.100.1": "reserved",
    "203.0.113.1": "reserved",
    "224.0.0.1": "multicast",
    "255.255.255.255": "reserved",
    "::": "unspecified",
    "::1": "loopback",
    "fd00:ec2::254": "private",
    "fe80::1": "link-local",
    "fe80::1%1": "link-local",
    "fec0::1": "private",
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
    "3fff::1": "reserved",
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
