"""Which addresses a page may be read from."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.evidence.public_address import is_public, may_connect


@pytest.mark.parametrize(
    "address",
    ["93.184.216.34", "8.8.8.8", "2606:2800:220:1::1", "::ffff:8.8.8.8", "2002:808:808::1", "64:ff9b::808:808"],
)
def test_addresses_of_the_public_internet_are_allowed(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.8.8", "::1", "0.0.0.0", "::"),
        *("10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fd00:ec2::254", "fc00::1", "fec0::1"),  # private
        *("169.254.169.254", "fe80::1", "fe80::1%eth0"),  # this link, and the metadata service of clouds
        *("100.64.0.1", "100.100.100.200"),  # behind a provider's translation
        *("224.0.0.1", "239.255.255.250", "ff02::1", "ff0e::1", "255.255.255.255"),  # many machines
        *("240.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.9", "2001:db8::1", "100::1"),  # reserved
        *("168.63.129.16", "192.0.0.192"),  # inside a cloud
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "::ffff:0:127.0.0.1"),  # the same in IPv6 clothes
        *("2002:7f00:1::1", "2002:a00:1::", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::808:808"),
        *("2001::1", "2001:0:7f00:1::"),  # a tunnel
        *("", "localhost", "example.org", "1.2.3", "0x7f.1", "2130706433", "127.1", "[::1]"),  # no addresses
    ],
)
def test_every_other_address_is_refused(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("port", [80, 443])
def test_the_ports_of_the_web_are_allowed(port: int) -> None:
    assert may_connect("8.8.8.8", port)


@pytest.mark.parametrize("port", [0, 22, 25, 3001, 6379, 8080, 65535])
def test_other_ports_are_refused(port: int) -> None:
    assert not may_connect("8.8.8.8", port)


@given(st.ip_addresses(v=4))
def test_an_address_in_ipv6_clothes_is_judged_as_itself(address: ipaddress.IPv4Address) -> None:
    number = int(address)
    dressed = [0xFFFF << 32 | number, 0x2002 << 112 | number << 80 | 1, 0x64FF9B << 96 | number]
    assert {is_public(str(ipaddress.IPv6Address(form))) for form in dressed} == {is_public(str(address))}


@given(st.text())
def test_any_text_is_judged(text: str) -> None:
    assert is_public(text) in (True, False)
