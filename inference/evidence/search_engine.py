"""The seam behind which every web search engine stands, and the ways in which one gives no answer."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One result: a page and what the engine says of it."""

    title: str
    link: str
    snippet: str


class SearchEngineError(Exception):
    """The engine gave no answer."""


class SearchRefused(SearchEngineError):
    """It answered that it wants fewer searches."""


class SearchTimeout(SearchEngineError):
    """It did not answer in time."""


class SearchUnreachable(SearchEngineError):
    """No connection to it could be made."""


class SearchUnreadable(SearchEngineError):
    """It answered something that is no page of results."""


class SearchEngine(Protocol):
    """Something that can be asked for pages."""

    name: str

    def ask(self, query: str) -> list[SearchHit]:
        """The results, best first; none if it found nothing. Blocks. Raises SearchEngineError."""
        ...
