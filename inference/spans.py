"""What takes its time within a piece of work, told to whoever watches that work: figures, traces, or nobody.

Ambient, as `urgency.py` is: whoever takes up a request or a shard says who watches it, and the parts further down say
what they do, without knowing who listens or passing anything on. With nobody watching a span costs one look.

Facts are sizes, ids, names and codes; never prompts, responses, documents, queries or keys.
"""

from collections.abc import Mapping
from contextvars import ContextVar
from types import TracebackType
from typing import Protocol

Fact = str | int | float | bool

VERIFICATION = "verification"
RETRIEVAL = "retrieval"
JUDGE = "judge"
ENGINE = "engine"
SHARD = "shard"
"""The spans that there are."""

FIRST_CHUNK = "first_chunk"
"""A moment within an ENGINE span: the first bytes of a streamed answer are there."""


class Watched(Protocol):
    """A span, or the whole of the work, as its watcher has it."""

    def begin(self, name: str, facts: Mapping[str, Fact]) -> "Watched":
        """A span within this one begins."""
        ...

    def note(self, facts: Mapping[str, Fact]) -> None:
        """What is known by now."""
        ...

    def mark(self, moment: str) -> None:
        """Something happens now."""
        ...

    def end(self, error: BaseException | None) -> None:
        """It is over; `error` is what ended it, if it did not come to its end."""
        ...

    def headers(self) -> Mapping[str, str]:
        """What a request that is made within it carries, so that others can go on with the trace."""
        ...


_watched: ContextVar[Watched | None] = ContextVar("watched", default=None)

_NO_HEADERS: Mapping[str, str] = {}


def watch(work: Watched | None) -> None:
    """From here on this task, and what it begins, is part of `work`."""
    _watched.set(work)


class span:
    """A part of the work under way. A class, since a generator costs several times as much.

    May be held open in an asynchronous generator: it may end in another task than it began in.
    """

    __slots__ = ("_above", "_facts", "_name", "_this")

    def __init__(self, name: str, **facts: Fact) -> None:
        self._name = name
        self._facts = facts
        self._this: Watched | None = None

    def __enter__(self) -> "span":
        self._above = _watched.get()
        if self._above is not None:
            self._this = self._above.begin(self._name, self._facts)
            _watched.set(self._this)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._this is not None:
            self._this.end(error)
            if _watched.get() is self._this:
                _watched.set(self._above)

    def note(self, **facts: Fact) -> None:
        """What is known by now."""
        if self._this is not None:
            self._this.note(facts)

    def mark(self, moment: str) -> None:
        """Something happens now."""
        if self._this is not None:
            self._this.mark(moment)

    def headers(self) -> Mapping[str, str]:
        """What a request that is made within it carries."""
        return _NO_HEADERS if self._this is None else self._this.headers()
