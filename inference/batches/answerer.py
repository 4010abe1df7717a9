"""The seam behind which the lines of a batch are answered: by an engine, by the verifier, by what an endpoint is."""

from typing import Protocol

from inference.batches.batch import Batch
from inference.batches.line import Line, LineAnswer


class Answerer(Protocol):
    """Answers lines as the endpoints answer requests."""

    async def answer(self, batch: Batch, line: Line) -> LineAnswer:
        """The answer to one line, asked once. Whatever goes wrong is part of the answer: raises nothing but what
        cancels it."""
        ...
