"""Which network addresses a page may be read from: those of the public internet, on the ports of the web.

The links come from search results, so whoever writes a page chooses them. A link into the private network of the
server would make it read, and quote, what only the server can reach. So this is a list of what is allowed. Pure.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

WEB_PORTS = frozenset({80, 443})

_ALLOCATED_V6 = IPv6Network("2000::/3")
# All that is given out for the public internet (RFC 4291, section 2.4); the rest is local, special or not in use.

_TRANSLATED_V6 = IPv6Network("64:ff9b::/96")
# An IPv4 address in IPv6 clothes, for networks without IPv4 (RFC 6052).

_CLOUD_INTERNAL = (IPv4Network("168.63.129.16/32"), IPv4Network("192.0.0.0/24"))
# Public by number, but clouds use them for internal services of each machine.


def may_connect(address: str, port: int) -> bool:
    """Whether a page may be read from `address`, a numeric IPv4 or IPv6 address, at `port`."""
    return port in WEB_PORTS and is_public(address)


def is_public(address: str) -> bool:
    """Whether `address` is one machine on the public internet. False for what is no address."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return _is_public_v4(parsed) if isinstance(parsed, IPv4Address) else _is_public_v6(parsed)


def _is_public_v4(address: IPv4Address) -> bool:
    special = address.is_multicast or address.is_reserved or address.is_unspecified
    return address.is_global and not special and not any(address in network for network in _CLOUD_INTERNAL)


def _is_public_v6(address: IPv6Address) -> bool:
    if address.ipv4_mapped is not None:
        return _is_public_v4(address.ipv4_mapped)
    if address.sixtofour is not None:
        return _is_public_v4(address.sixtofour)
    if address in _TRANSLATED_V6:
        return _is_public_v4(IPv4Address(int(address) & 0xFFFF_FFFF))
    return address in _ALLOCATED_V6 and address.is_global
