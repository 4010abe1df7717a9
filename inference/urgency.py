"""On whose behalf work is done, and who goes first: somebody who waits for an answer, or a batch.

It is ambient, as the context of a log is: whoever takes up a line of a batch says so once, and what is asked of engines
and judges further down is asked accordingly, without every seam between having to pass it on. What has been said holds
for the task that said it and for those that it starts.
"""

from contextvars import ContextVar
from enum import IntEnum
from types import TracebackType


class Urgency(IntEnum):
    """Who is served first where requests queue: the lower number (vLLM's `priority`)."""

    LIVE = 0
    """Somebody waits for the answer."""

    BATCH_FIRST = 5
    """A batch that goes before others of its owner, and behind all live work."""

    BATCH = 10
    """Work that may wait as long as there is live work."""

    BATCH_LAST = 15
    """A batch that goes behind others of its owner."""

    @classmethod
    def of_batch(cls, priority: int) -> "Urgency":
        """That of a batch's lines; 0 is the `priority` of most batches, and a higher one goes first."""
        if priority == 0:
            return cls.BATCH
        return cls.BATCH_FIRST if priority > 0 else cls.BATCH_LAST


_urgency: ContextVar[Urgency] = ContextVar("urgency", default=Urgency.LIVE)


def urgency_now() -> Urgency:
    """That of the work under way. LIVE unless said otherwise."""
    return _urgency.get()


class working_at:
    """What is done inside is done at this urgency. A class, since a generator costs several times as much."""

    __slots__ = ("_token", "_urgency")

    def __init__(self, urgency: Urgency) -> None:
        self._urgency = urgency

    def __enter__(self) -> None:
        self._token = _urgency.set(self._urgency)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _urgency.reset(self._token)
