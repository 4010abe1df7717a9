"""The seam behind which every web search engine stands, and the ways in which one gives no answer."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One result: a page and what the engine says of it."""

    title: str
    link: str
    snippet: str


class EngineError(Exception):
    """The engine gave no answer."""


class EngineRefused(EngineError):
    """It answered that it wants fewer searches."""


class EngineTimeout(EngineError):
    """It did not answer in time."""


class EngineUnreachable(EngineError):
    """No connection to it could be made."""


class EngineUnreadable(EngineError):
    """It answered something that is no page of results."""


class SearchEngine(Protocol):
    """Something that can be asked for pages."""

    name: str

    def ask(self, query: str) -> list[SearchHit]:
        """The results, best first; none if it found nothing. Blocks. Raises EngineError."""
        ...
