"""Answers the lines of a batch as the endpoints answer requests, by the same parts of the house."""

from typing import TYPE_CHECKING

from inference.batches.batch import Batch
from inference.batches.line import Line, LineAnswer

if TYPE_CHECKING:
    from server.house import House


class HouseAnswerer:
    """The `Answerer` of a house: chat and embeddings from its engines, verifications from its verifier."""

    def __init__(self, house: "House") -> None:
        self._house = house

    async def answer(self, batch: Batch, line: Line) -> LineAnswer:
        raise NotImplementedError
