"""The sweeper of files and uploads, beside the requests that the server answers."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from typing import Any

from inference.files.sweeping import Sweeper
from server.background.beside import beside
from server.observe.logs import log_action, log_fault
from server.storage import Storage

_TROUBLE = frozenset({"sweeper_waits", "blobs_not_deleted"})


@contextlib.asynccontextmanager
async def sweeping(storage: Storage) -> AsyncIterator[None]:
    """Sweeps as long as the context lasts."""
    async with beside(Sweeper(storage.files, storage.uploads, storage.blobs, _report).run()) as running:
        running.add_done_callback(_ended)
        yield


def _report(action: str, about: dict[str, Any]) -> None:
    log_action(action, logging.WARNING if action in _TROUBLE else logging.INFO, **about)


def _ended(running: asyncio.Task[None]) -> None:
    if not running.cancelled() and (error := running.exception()) is not None:
        log_fault(error, "sweeper_stopped", note="what has expired is not deleted until the next start")
