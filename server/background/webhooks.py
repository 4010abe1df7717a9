"""Sends the webhooks that the settings name, beside whatever else the process does."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from typing import Any

from inference.store.database import Database
from inference.webhooks.outbox import Outbox
from inference.webhooks.signature import secret_of
from inference.webhooks.target import target_of
from server.background.beside import beside
from server.observe.logs import log_action
from server.settings import Settings


@contextlib.asynccontextmanager
async def sending_webhooks(settings: Settings, database: Database) -> AsyncIterator[None]:
    """Sends what is to be told of, as long as the context lasts; nothing if there is nobody to be told."""
    if not settings.webhook_url:
        yield
        return
    from inference.webhooks.sender import Sender  # noqa: PLC0415  its HTTP client takes 0.2 s and 9 MB

    targets = tuple(map(target_of, settings.webhook_url))
    sender = Sender(Outbox(database), targets, secret_of(settings.webhook_secret.get_secret_value()), _report)
    async with beside(sender.run()) as sending:
        sending.add_done_callback(_stopped)
        yield


def _stopped(sending: asyncio.Task[None]) -> None:
    if not sending.cancelled():
        log_action("webhooks_stopped", logging.ERROR, reason=repr(sending.exception()))


def _report(action: str, about: dict[str, Any]) -> None:
    log_action(action, logging.INFO if action == "webhook_told" else logging.WARNING, **about)
