"""`touchstone serve`: the server in the foreground, until it is told to stop."""

import asyncio
import gc
import logging
import os
import signal
import threading
from typing import Annotated

import typer
import uvicorn
from sse_starlette.sse import AppStatus
from starlette.applications import Starlette

from inference.errors import SettingsError
from inference.judges.cross_encoder.custom.choice import prepare
from server.accounts.needed_keys import check_keys
from server.app import create_app
from server.children import plans
from server.cli.gpu_advice import advise
from server.cli.headings import TO_BEGIN_WITH
from server.cli.options import takes_settings
from server.http.file_descriptors import raise_limit
from server.http.listening import ACCEPTED_AT_ONCE, check_engines, listen, url_of
from server.http.protocol import bounded_http
from server.http.public_address import mcp_url
from server.observe.logs import configure_logs, log_action
from server.observe.tracing import check_traces
from server.settings import Settings
from server.storage import make_folder

GARBAGE_LOOK_OBJECTS = 5_000
"""New objects that survive, after which Python looks for garbage in circles. Its 700 cost a tenth of a batch's time for
next to nothing: what a request leaves behind is freed without such a look."""


@takes_settings()
def serve(
    settings: Settings,
    *,
    sample: Annotated[
        bool,
        typer.Option(
            "--sample",
            help="Send a few questions through the server's own endpoints once it is up.",
            rich_help_panel=TO_BEGIN_WITH,
        ),
    ] = False,
) -> None:
    """Start the server: REST under /v1, MCP at /v1/mcp and /stream.

    Without any option it serves this machine at http://127.0.0.1:3001. An option can also be given as the variable that
    is named with it, or as a line of a TOML file, such as `port = 3001`.
    """
    configure_logs(settings.log_level, settings.log_format)
    check_traces(settings)
    asyncio.run(check_keys(settings))  # before a model is downloaded
    prepare(settings.cpu_judge, settings.models_dir)
    plans(settings, os.environ)  # what cannot be started is said before anything is
    raise_limit(settings)
    make_folder(settings.data_dir)
    listener = listen(settings)
    port = listener.getsockname()[1]
    check_engines(settings, port)
    url = url_of(settings.host, port)
    app = create_app(settings)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            log_config=None,
            log_level=max(logging.WARNING, logging.getLevelName(settings.log_level.upper())),
            access_log=False,  # our own line a request has the route and no query
            server_header=False,
            proxy_headers=False,  # nothing here asks who is behind a proxy
            http=bounded_http(settings),
            backlog=ACCEPTED_AT_ONCE,
            ws="none",  # there is nothing here to speak WebSocket to
            timeout_graceful_shutdown=settings.stop_timeout_s,
        )
    )
    _stop_on_signals(server)
    # Streams here end by themselves, so at a stop they are finished like any other request and not cut off; uvicorn
    # waits for all of them, `stop_timeout_s` at the most.
    AppStatus.disable_automatic_graceful_drain()  # type: ignore[no-untyped-call]  # the library leaves it untyped
    threading.Thread(target=_when_started, args=(server, app, settings, url, sample), daemon=True).start()
    asyncio.run(server.serve(sockets=[listener]))
    if not server.started:
        raise SettingsError("the server could not start; its log says why")
    log_action("stopped", url=url)


def _stop_on_signals(server: uvicorn.Server) -> None:
    """Makes Ctrl-C and a terminating system end in exit code 0. uvicorn stops in order on its own, and then raises the
    signal again for whoever was to get it before: that is this."""

    def stop(*_: object) -> None:
        server.should_exit = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)


def _when_started(server: uvicorn.Server, app: Starlette, settings: Settings, url: str, sample: bool) -> None:
    """Runs beside the server: says where it is once it answers, then sends the sample if asked to."""
    while not server.started:
        if server.should_exit:
            return
        threading.Event().wait(0.02)
    gc.set_threshold(GARBAGE_LOOK_OBJECTS, *gc.get_threshold()[1:])
    gc.freeze()  # what is there by now stays: else each full look for garbage, as many connections cause, goes over it
    mcp = mcp_url(settings.public_url or url)
    keys = {"settings_keys": len(settings.api_keys), "stored_keys": app.state.stored_keys}
    log_action("started", url=url, mcp=mcp, **keys, web_search=settings.web_search)
    advise(settings, os.environ)
    if sample:
        from server.cli.sample import run_sample  # noqa: PLC0415  what it asks and prints with takes 0.1 s

        run_sample(url, settings)
