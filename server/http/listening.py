"""The socket that the server listens on, and the address under which this machine reaches it."""

import ipaddress
import socket
from urllib.parse import urlsplit

from inference.errors import SettingsError
from server.settings import Settings, is_loopback

BACKLOG = 2048
"""Connections that the system keeps in line before they are accepted."""

ACCEPTED_AT_ONCE = 2
"""Connections that are accepted in one turn of the event loop. asyncio knows one number for this and for the line. It
takes some ten steps to set a connection up and serve it, and a request that is passed on to an engine waits for five
turns: with 16 at once, each of those turns had 150 steps of other connections in it, 7 to 10 ms of CPU. Fewer are not
better for everybody: a new client has the whole line before it."""


class _Listener(socket.socket):
    """Keeps its line as long as it is, however many are to be accepted at once."""

    def listen(self, backlog: int = BACKLOG, /) -> None:
        super().listen(max(backlog, BACKLOG))


def listen(settings: Settings) -> socket.socket:
    """The socket to serve on. Raises SettingsError if the address cannot be had."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        opened = socket.create_server((settings.host.strip("[]"), settings.port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise SettingsError(
            f"cannot listen on {settings.host} port {settings.port}: {error.strerror or error}. "
            "If another server is running there, stop it or choose another --port."
        ) from None
    return _Listener(opened.family, opened.type, opened.proto, opened.detach())


def url_of(host: str, port: int) -> str:
    """An address under which this machine reaches the server."""
    host = host.strip("[]")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        pass
    else:
        if address.is_unspecified:
            host = "127.0.0.1" if address.version == 4 else "::1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def is_own(url: str, host: str, port: int) -> bool:
    """Whether `url` leads to the server that listens on `host` and `port`: as an engine it would ask itself."""
    asked, own = urlsplit(url), urlsplit(url_of(host, port))
    default = 443 if asked.scheme == "https" else 80
    if (asked.port or default) != port:
        return False
    return asked.hostname == own.hostname or (asked.hostname == "localhost" and is_loopback(own.hostname or ""))


def check_engines(settings: Settings, port: int) -> None:
    """Raises SettingsError if one of the engines is this server itself, which has got `port`."""
    for url in settings.engine_url:
        if is_own(url, settings.host, port):
            raise SettingsError(f"setting engine_url: {url} is this server itself; give the address of another one")
