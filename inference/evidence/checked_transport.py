"""An HTTP transport that connects only to addresses that were checked.

A name is resolved here, every address that it has is checked, and the connection goes to just that address: a name
that points elsewhere a moment later (DNS rebinding) gains nothing. The Host header and the name in the TLS handshake,
against which the certificate is checked, stay those of the URL.
"""

import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence

import httpx

ADDRESSES_TRIED_MAX = 3
"""Addresses of one name that are tried in turn. The system puts the best ones first."""

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The numeric addresses of a host name. Raises OSError if it has none."""

MayConnect = Callable[[str, int], bool]
"""Whether an address and port may be connected to."""


class AddressRefused(httpx.ConnectError):
    """The name leads to an address that must not be read from."""


class CheckedTransport(httpx.AsyncBaseTransport):
    """Carries a request to a checked address of its host."""

    def __init__(self, resolve: Resolve, may_connect: MayConnect, tls: ssl.SSLContext) -> None:
        self._resolve = resolve
        self._may_connect = may_connect
        # No connection is kept, because kept ones are found by address: two names at one address would then share a
        # connection whose certificate was checked for one of them only. No proxy from the environment, because a proxy
        # resolves the name itself, after our check.
        self._inner = httpx.AsyncHTTPTransport(
            verify=tls, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0)
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        addresses = await self._checked_addresses(request.url)
        failure: httpx.TransportError | None = None
        for address in addresses[:ADDRESSES_TRIED_MAX]:
            try:
                return await self._inner.handle_async_request(_sent_to(address, request))
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failure = error
        raise failure or httpx.ConnectError(f"{request.url.host} has no address")

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def _checked_addresses(self, url: httpx.URL) -> Sequence[str]:
        host, port = url.raw_host.decode("ascii"), url.port or _default_port(url)
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpx.ConnectError(f"{host} has no address") from error
        if not all(self._may_connect(address, port) for address in addresses):
            raise AddressRefused(f"{host} leads to an address or port that is not read from")
        return addresses


def system_addresses(host: str, port: int) -> list[str]:
    """What the system's resolver says of `host`, best first. Blocks."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def _sent_to(address: str, request: httpx.Request) -> httpx.Request:
    return httpx.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,  # These hold the Host of the original URL already.
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": request.url.raw_host.decode("ascii")},
    )


def _default_port(url: httpx.URL) -> int:
    return 443 if url.scheme == "https" else 80
