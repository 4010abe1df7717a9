"""The log: one line an event on stderr, as text or as JSON (`log_lines.py`), with the id of the request it belongs to.

Never in a line: prompts, responses, documents, queries, keys. Only sizes, ids, names, durations and verdicts.
docs/observability.md lists the actions.
"""

import contextlib
import logging
import sys
import time
from collections.abc import Mapping
from typing import TextIO

from inference.action_log import ABOUT, ACTION
from server.observe.log_context import LOG_CONTEXT
from server.observe.log_lines import COMPLETE, JsonLines, LogLines, TextLines, action_text

LOGGER = logging.getLogger("touchstone")

TEXT, JSON = "text", "json"
"""The forms of the log."""

# Chatty below warning, and what they say there is of no use to an operator. Those of the database would show every
# statement with its values: names of files, metadata, custom_ids; that of event streams shows every event.
_QUIET = (
    "aiosqlite",
    "alembic",
    "asyncpg",
    "ddgs",
    "filelock",
    "htmldate",
    "httpcore",
    "httpcore2",
    "httpx",
    "httpx2",
    "mcp",
    "primp",
    "sqlalchemy",
    "sse_starlette",
)

# These call it an error when a page, a PDF or a form of somebody else's is broken. We report that ourselves.
_SILENT = ("trafilatura", "pypdf", "python_multipart")


class _Handler(logging.StreamHandler[TextIO]):
    """The handler of all lines. `write_action` is for the many that are no more than an action: a record of each takes
    longer than the line itself."""

    def __init__(self, stream: TextIO, lines: LogLines) -> None:
        super().__init__(stream)
        self._lines = lines

    def format(self, record: logging.LogRecord) -> str:
        return self._lines.of_record(record, LOG_CONTEXT.get())

    def write_action(self, level: int, action: str, about: Mapping[str, object]) -> None:
        """Raises what the stream raises."""
        line = self._lines.of_action(time.time(), level, action, about, LOG_CONTEXT.get())
        self.acquire()
        try:
            self.stream.write(line + "\n")
            self.stream.flush()  # not the handler's own, which takes the lock again
        finally:
            self.release()


def configure_logs(level: str, form: str = TEXT) -> None:
    """Sends the log to stderr. Called once, before the MCP SDK is set up, which would add a handler of its own."""
    # A line is written for every request, and none of these is in it ("Optimization" in Python's logging how-to).
    logging._srcfile = None  # as the how-to says: no walk up the stack for a line's place
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    lines = JsonLines() if form == JSON else TextLines()
    logging.basicConfig(level=level.upper(), handlers=[_Handler(sys.stderr, lines)], force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in _SILENT:
        logging.getLogger(name).setLevel(logging.CRITICAL)


def log_action(action: str, level: int = logging.INFO, error: BaseException | None = None, /, **about: object) -> None:
    """One event. Give values that may be shown to anybody. Of `error` the whole trace is logged."""
    if not LOGGER.isEnabledFor(level):
        return
    match logging.root.handlers:
        case [_Handler() as handler] if error is None:
            with contextlib.suppress(OSError, ValueError):  # nobody reads the log any more; the request goes on
                handler.write_action(level, action, about)
        case _:
            text = action_text(action, about, LOG_CONTEXT.get())
            LOGGER.log(level, "%s", text, exc_info=error, extra={ACTION: action, ABOUT: about, COMPLETE: True})


def log_fault(error: BaseException, action: str = "fault", /, **about: object) -> None:
    """What nobody foresaw, with its trace."""
    log_action(action, logging.ERROR, error, **about)
