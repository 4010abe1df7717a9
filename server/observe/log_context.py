"""On whose behalf a line of the log is written: the request that is served, or the batch whose line is asked.

It is ambient: whoever takes up a request or a line says so once, and all that is logged meanwhile carries its id, also
from tasks and threads that were begun for it.
"""

from contextvars import ContextVar

REQUEST = "id"
"""How the id of a request is called in a line of text."""

BATCH = "batch"

LogContext = tuple[str, str]
"""How the id is called, and the id."""

LOG_CONTEXT: ContextVar[LogContext | None] = ContextVar("log_context", default=None)
