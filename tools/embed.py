"""Embeds texts for a caller. The same for every protocol: bounds, a place in line, a time limit, work in threads."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from inference.admission import Admission
from inference.encoder.embedder import TEXT_CHARS_MAX, TEXTS_MAX, TOKENS_MAX, Embedder
from inference.errors import BadInput, DeadlineExceeded, TooLarge
from inference.urgency import Urgency, urgency_now

if TYPE_CHECKING:
    from inference.encoder.embedder import Embeddings

MODEL = "touchstone/all-minilm-l6-v2"

TEXTS_PER_STEP = 16
"""Texts between two looks at whether anybody still waits for them. A step takes a second at most."""

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")


@dataclass(frozen=True, slots=True)
class Embedded:
    """A row for each text, and how many tokens were read for all of them."""

    rows: "Sequence[Embeddings]"
    tokens: int


@dataclass(frozen=True, slots=True)
class TextEmbedding:
    """Everything that embedding for callers needs."""

    embedder: Embedder
    admission: Admission
    timeout_s: float

    async def embed(self, texts: Sequence[str], field: str) -> Embedded:
        """Embeds `texts`, which the caller sent in `field`.

        Raises BadInput and TooLarge (naming the text), Overloaded, DeadlineExceeded and EncoderUnavailable.
        """
        check_texts(texts, field)
        limit, turn = asyncio.timeout(self.timeout_s), self.admission.enter()
        try:
            # A line of a batch may wait for its turn as long as there is live work.
            async with AsyncExitStack() as stack:
                for context in (limit, turn) if urgency_now() is Urgency.LIVE else (turn, limit):
                    await stack.enter_async_context(context)
                tokens = [ids async for ids in _in_steps(texts, self.embedder.tokenize)]
                _check_tokens(tokens, _names(texts, field))
                rows = [row async for row in _in_steps(tokens, self.embedder.embed_tokens)]
        except TimeoutError:
            raise DeadlineExceeded(
                f"embedding {len(texts):,} texts took longer than {self.timeout_s:g} s. Send fewer at once, or raise "
                "TOUCHSTONE_VERIFY_TIMEOUT_S."
            ) from None
        return Embedded(rows, sum(map(len, tokens)))


def check_texts(texts: Sequence[str], field: str) -> None:
    """Raises BadInput or TooLarge for what can be told without the model."""
    if not texts:
        raise BadInput(f"{field} holds no text", field)
    if len(texts) > TEXTS_MAX:
        raise BadInput(f"{field} holds {len(texts):,} texts; the limit is {TEXTS_MAX:,} a request", field)
    for text, name in zip(texts, _names(texts, field), strict=True):
        if not text:
            raise BadInput(f"{name} is empty; an embedding needs a text", name)
        if len(text) > TEXT_CHARS_MAX:
            raise _too_long(name, f"{len(text):,} characters")


def _check_tokens(tokens: Sequence[Sequence[int]], names: Sequence[str]) -> None:
    for ids, name in zip(tokens, names, strict=True):
        if len(ids) > TOKENS_MAX:
            raise _too_long(name, f"{len(ids):,} tokens")


def _too_long(name: str, size: str) -> TooLarge:
    return TooLarge(
        f"{name} has {size}; {MODEL} reads {TOKENS_MAX} tokens, about 180 English words, and at most "
        f"{TEXT_CHARS_MAX:,} characters. Send it in parts.",
        name,
    )


def _names(texts: Sequence[str], field: str) -> list[str]:
    return [f"{field}.{number}" for number in range(len(texts))] if len(texts) > 1 else [field]


async def _in_steps(
    items: Sequence[ItemT], work: Callable[[Sequence[ItemT]], Iterable[ResultT]]
) -> AsyncGenerator[ResultT]:
    """What `work` makes of each of `items`, in a thread, a few at a time: between steps it can be given up."""
    for start in range(0, len(items), TEXTS_PER_STEP):
        for result in await asyncio.to_thread(work, items[start : start + TEXTS_PER_STEP]):
            yield result
