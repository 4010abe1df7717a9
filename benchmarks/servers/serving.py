"""Serves a floor as `touchstone serve` serves itself: the same event loop, the same uvicorn settings.

The settings repeat those in `server/cli/serve.py`, with the values that it has by default, so that a ratio compares
applications and not servers.
"""

import asyncio
import logging
import socket

import uvicorn
from starlette.types import ASGIApp

BACKLOG = 2048
CONNECTIONS_MAX = 1024
STOP_TIMEOUT_S = 10


def serve(app: ASGIApp, port: int, parser: str = "httptools") -> None:
    """Serves `app` on loopback until the process is told to stop. `parser` is "h11" for uvicorn as it comes alone."""
    listener = socket.create_server(("127.0.0.1", port), backlog=BACKLOG)
    # asyncio switches Nagle's algorithm off only on sockets that name their protocol, which this one does not. With
    # it on, the second write of an answer waits some 40 ms for the client's delayed acknowledgement of the first.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    config = uvicorn.Config(
        app,
        http=parser,
        log_config=None,
        log_level=logging.WARNING,
        access_log=False,
        server_header=False,
        limit_concurrency=CONNECTIONS_MAX,
        timeout_graceful_shutdown=STOP_TIMEOUT_S,
    )
    asyncio.run(uvicorn.Server(config).serve(sockets=[listener]))
