"""The seam behind which every source of evidence stands."""

from collections.abc import Sequence
from typing import Protocol

from inference.verdict import Passage


class Retriever(Protocol):
    """Finds passages that may bear on a query."""

    name: str
    """How the source is named to a person: "your corpus", "web search"."""

    async def retrieve(self, query: str, passages_max: int) -> Sequence[Passage]:
        """Returns at most `passages_max` passages, best first; none if nothing bears on the query.

        Raises EvidenceError if the source could not be read: an empty answer always means that it was read.
        """
        ...
