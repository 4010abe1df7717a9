"""Server-sent events out of the news of a verification."""

from collections.abc import AsyncGenerator, Callable
from typing import Any

import orjson
from sse_starlette import EventSourceResponse, ServerSentEvent

from tools.verification import News

PING_S = 15  # a comment line on a quiet stream, so that proxies and clients with a read timeout keep it open

DONE = ServerSentEvent(data="[DONE]", sep="\n")


def event(value: dict[str, Any], name: str | None = None) -> ServerSentEvent:
    """One event that carries `value` as JSON; OpenAI's streams leave the name out."""
    return ServerSentEvent(data=orjson.dumps(value).decode(), event=name, sep="\n")


async def event_stream(
    news: AsyncGenerator[News], events: Callable[[AsyncGenerator[News]], AsyncGenerator[ServerSentEvent]]
) -> EventSourceResponse:
    """Streams `events(news)`.

    The first of the news is awaited before the response starts, so that bad input and a full server answer with their
    HTTP status. When the client leaves, the stream and the verification behind it are closed.
    """
    try:
        await anext(news)
    except BaseException:
        await news.aclose()
        raise
    return EventSourceResponse(_closing(news, events(news)), ping=PING_S, sep="\n")


async def _closing(
    news: AsyncGenerator[News], events: AsyncGenerator[ServerSentEvent]
) -> AsyncGenerator[ServerSentEvent]:
    try:
        async for item in events:
            yield item
    finally:
        await events.aclose()
        await news.aclose()
