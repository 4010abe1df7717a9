"""One web search engine, asked once, through `ddgs`.

`ddgs` asks several engines and gives an empty answer for a refusal, a broken page and nothing found alike. These must
not be confused here, because "nothing found" may become a verdict and the others may not. So its engines are asked
one by one, with their HTTP client watched for the status. This module is the only one that knows `ddgs`.
"""

import re
from typing import TYPE_CHECKING, Any

from inference.evidence.search_engine import (
    SearchEngineError,
    SearchHit,
    SearchRefused,
    SearchTimeout,
    SearchUnreachable,
    SearchUnreadable,
)

if TYPE_CHECKING:
    from ddgs.base import BaseSearchEngine

ENGINE_S = 8
"""Seconds for one answer of one engine. They answer within two, or hardly at all."""

_REFUSALS = frozenset({202, 403, 418, 429})
# DuckDuckGo answers 202 to those it takes for robots, the others one of the rest.


class DdgsEngine:
    """An engine that `ddgs` knows by `name`. `search_url` asks another address that answers alike."""

    def __init__(self, name: str, *, search_url: str | None = None, timeout_s: int = ENGINE_S) -> None:
        self.name = name
        self._search_url = search_url
        self._timeout_s = timeout_s

    def ask(self, query: str) -> list[SearchHit]:
        # Imported here because it takes 0.12 s, and a server without web search never needs it.
        from ddgs.engines import ENGINES  # noqa: PLC0415
        from ddgs.exceptions import DDGSException, TimeoutException  # noqa: PLC0415

        engine = ENGINES["text"][self.name](timeout=self._timeout_s)
        if self._search_url is not None:
            engine.search_url = self._search_url
        page = _watch(engine)
        try:
            results = engine.search(query) or []
        except SearchEngineError:
            raise
        except TimeoutException as error:
            raise SearchTimeout(f"no answer within {self._timeout_s} s") from error
        except DDGSException as error:
            raise SearchUnreachable(str(error)) from error
        except Exception as error:  # its parsers raise what they like at a page that they do not expect
            raise SearchUnreadable(f"an answer that is no page of results ({type(error).__name__})") from error
        hits = [SearchHit(found.title, found.href, found.body) for found in results]
        if not hits and not repeats_query(page.text, query):
            raise SearchUnreadable("a page that has neither results nor the query")
        return hits


def repeats_query(page: str, query: str) -> bool:
    """Whether `page` shows the query. Every true page of results does; a robot check or an error page does not."""
    words = re.findall(r"\w+", query.lower())
    return max(words, key=len, default="") in page.lower()


class _SeenPage:
    """The page that an engine received last."""

    text = ""


def _watch(engine: "BaseSearchEngine[Any]") -> _SeenPage:
    """Lets `engine` raise for every answer that is no page, and gives the place where its pages are seen."""
    from ddgs.http_client import HttpClient, Response  # noqa: PLC0415  for the reason above

    seen = _SeenPage()

    class WatchedClient(HttpClient):
        def __init__(self, watched: HttpClient) -> None:
            self.client = watched.client

        def request(self, *args: object, **kwargs: object) -> Response:
            response = super().request(*args, **kwargs)
            _check_status(response.status_code)
            seen.text = response.text
            return response

    engine.http_client = WatchedClient(engine.http_client)
    return seen


def _check_status(status: int) -> None:
    if status in _REFUSALS:
        raise SearchRefused(f"HTTP status {status}")
    if status != 200:
        raise SearchUnreadable(f"HTTP status {status}")
