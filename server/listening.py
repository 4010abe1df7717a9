"""The socket that the server listens on, and the address under which this machine reaches it."""

import ipaddress
import socket

from inference.errors import SettingsError
from server.settings import Settings

BACKLOG = 2048  # connections that the system keeps in line before they are accepted


def listen(settings: Settings) -> socket.socket:
    """The socket to serve on. Raises SettingsError if the address cannot be had."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host.strip("[]"), settings.port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise SettingsError(
            f"cannot listen on {settings.host} port {settings.port}: {error.strerror or error}. "
            "If another server is running there, stop it or choose another --port."
        ) from None


def url_of(host: str, port: int) -> str:
    """An address under which this machine reaches the server."""
    host = host.strip("[]")
    try:
        anywhere = ipaddress.ip_address(host).is_unspecified
    except ValueError:
        anywhere = False
    host = "127.0.0.1" if anywhere else host
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
