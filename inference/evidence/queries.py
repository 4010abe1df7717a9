"""The seam behind which the queries are written with which evidence is searched for, and what every query has to be.

A query may leave the machine, so it is made of what may leave it: of the prompt, the response and its claims. A given
document is never searched beyond, and what came along with a conversation (tool results, long messages) is never shown
to a writer; nor is a passage of any source, only the titles of web pages that earlier queries found.

Queries are a means and no verdict: a writer that fails to write any may fall back on a claim's own words, and says so.

Implementations: `ClaimAsQuery` here, and `model_queries.py`, in which a language model writes.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from inference.judges.judge import Exchange
from inference.verdict import NO_TOKENS, Claim, Tokens

QUERIES_PER_CLAIM_MAX = 2
"""Queries. Search engines take more than a few searches at a time for an attack, and a run of claims waits for all."""

QUERY_CHARS_MAX = 150
"""Characters of a written query: some twenty words. What is longer is no query but a text, and finds nothing."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What was searched for a claim so far, and the titles of the web pages that came of it."""

    queries: tuple[str, ...]
    titles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """The queries for each claim, in the order of the claims; none where there is nothing new to search for.

    `failure` says why the claims' own words stand in for queries; it is empty if the queries were written.
    """

    queries: tuple[tuple[str, ...], ...]
    spent: Tokens = NO_TOKENS
    failure: str = ""


class QueryWriter(Protocol):
    """Writes search queries for claims."""

    writes: bool
    """Whether the queries are its own. If not, nothing that it could write would make a second round worth while."""

    async def write(self, exchange: Exchange, claims: Sequence[Claim], tried: Sequence[Tried]) -> Written:
        """Queries for each of `claims`; `tried` has one item a claim, without queries in the first round.

        Raises JudgeUnavailable if the model behind it cannot be reached.
        """
        ...


class ClaimAsQuery:
    """Searches for each claim as it stands, once."""

    writes = False

    async def write(self, exchange: Exchange, claims: Sequence[Claim], tried: Sequence[Tried]) -> Written:
        return own_words(claims, tried)


def own_words(claims: Sequence[Claim], tried: Sequence[Tried], spent: Tokens = NO_TOKENS, failure: str = "") -> Written:
    """Each claim's own text as its query, unless it was tried."""
    return Written(tuple(new((c.text,), t) for c, t in zip(claims, tried, strict=True)), spent, failure)


def new(queries: Iterable[str], tried: Tried) -> tuple[str, ...]:
    """Those of `queries` that are not blank, not the same as an earlier one, and were not tried."""
    known = {query.casefold() for query in tried.queries}
    fresh = []
    for query in queries:
        if query and query.casefold() not in known:
            known.add(query.casefold())
            fresh.append(query)
    return tuple(fresh)


_COMMAND_MARKS = re.compile(r"""["“”„«»|*~\\!(){}<>^]""")
# Phrases, alternatives, wildcards, groups; "!w" has the search engine leave for another site, "\" for its first hit.
_PREFIX = re.compile(r"(?<=[^\W\d])[:\uff1a](?=\S)")
# "site:", "filetype:". "10:30" stays.
_SIGN = re.compile(r"(?<!\S)[-+]+")
# "-word" leaves a word out.
_LOGIC = re.compile(r"\b(?:AND|OR|NOT|NEAR)\b")


def harmless(query: str) -> str:
    """`query` as plain words: on one line, without what a search engine takes for a command, at most
    QUERY_CHARS_MAX characters, cut between words. It may be empty."""
    words = plain(query)
    for pattern in (_COMMAND_MARKS, _PREFIX, _SIGN):  # in this order: what one leaves behind the next may have to take
        words = pattern.sub(" ", words)
    return first_words(_LOGIC.sub(lambda found: found[0].lower(), words), QUERY_CHARS_MAX)


def plain(text: str) -> str:
    """`text` on one line, without control characters, marks that turn the direction of writing, and half characters."""
    return " ".join("".join(" " if unicodedata.category(c)[0] == "C" else c for c in text).split())


def first_words(text: str, chars_max: int) -> str:
    """As many of the words of `text` as fit into `chars_max` characters; of a longer first word its beginning."""
    line = " ".join(text.split())
    if len(line) <= chars_max:
        return line
    return line[: chars_max + 1].rpartition(" ")[0] or line[:chars_max]
