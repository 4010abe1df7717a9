"""The seam behind which every server of language models stands: our own vLLM child, or any OpenAI-compatible URL.

An engine is spoken to in OpenAI's wire format, as bytes: what a caller sends reaches the model unread, what it answers
comes back unread. `language_model.py` puts words on top of it for those who want an answer and not bytes.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from inference.urgency import Urgency, urgency_now


@dataclass(frozen=True, slots=True)
class EngineRequest:
    """A POST to the engine; `body` is JSON.

    `path` is what comes after `/v1/`, such as "chat/completions". One that begins with a slash, such as "/tokenize",
    is at the root of the engine's server, where vLLM keeps what OpenAI's API does not have. A LIVE body goes byte for
    byte. `urgency` is that of the work under way, unless said otherwise.
    """

    path: str
    body: bytes
    urgency: Urgency = field(default_factory=urgency_now)
    headers: Mapping[str, str] = field(default_factory=dict)


class EngineReply(Protocol):
    """An answer whose head has arrived."""

    status: int
    headers: Mapping[str, str]
    """With lower-case names, without those that belong to the connection."""

    def chunks(self) -> AsyncIterator[bytes]:
        """The body as it arrives. Raises EngineUnavailable if it breaks off or stalls."""
        ...

    async def read(self) -> bytes:
        """The whole body. Raises EngineUnavailable, and EngineUnreadable if it is over the bound."""
        ...


class Engine(Protocol):
    """A server of one or several models."""

    name: str
    """How the engine is named to a person and in logs: never with its key."""

    def open(self, request: EngineRequest) -> AbstractAsyncContextManager[EngineReply]:
        """Sends `request`; inside the context the reply can be read. Leaving it early aborts the request in the engine.

        Raises EngineUnavailable if no head of an answer arrives: down, starting, or silent for longer than its limit.
        A status that says "no" is a reply like any other.
        """
        ...

    async def models(self) -> list[dict[str, Any]]:
        """What it serves: objects as in OpenAI's `GET /v1/models`. Raises EngineUnavailable or EngineUnreadable."""
        ...

    async def aclose(self) -> None:
        """Closes its connections. Requests under way break off."""
        ...
