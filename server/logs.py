"""The log: one line an event on stderr, `time level action key=value ...`.

Never in a line: prompts, responses, documents, queries, keys. Only sizes, ids, names, durations and verdicts.
"""

import contextlib
import logging
import sys
import time
from typing import TextIO

from server.fault_trace import trace_of

LOGGER = logging.getLogger("touchstone")

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


class _Lines(logging.StreamHandler[TextIO]):
    """The handler of all lines. `write_line` is for the many that are no more than a level and a text: a record of each
    takes longer than the line itself."""

    _second = -1
    _written = ""

    def format(self, record: logging.LogRecord) -> str:
        line = f"{self._time(record.created)} {record.levelname:<7} {record.getMessage()}"
        if record.exc_info and record.exc_info[1]:
            line += "\n" + trace_of(record.exc_info[1])
        return line

    def write_line(self, level: int, text: str) -> None:
        """Raises what the stream raises."""
        line = f"{self._time(time.time())} {logging.getLevelName(level):<7} {text}\n"
        self.acquire()
        try:
            self.stream.write(line)
            self.flush()
        finally:
            self.release()

    def _time(self, now_s: float) -> str:
        """Made once a second and not once a line: a busy server logs thousands of lines in one."""
        second = int(now_s)
        if second != self._second:
            self._written = time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(second))
            self._second = second
        return self._written


def configure_logs(level: str) -> None:
    """Sends the log to stderr. Called once, before the MCP SDK is set up, which would add a handler of its own."""
    # A line is written for every request, and none of these is in it ("Optimization" in Python's logging how-to).
    logging._srcfile = None  # as the how-to says: no walk up the stack for a line's place
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging.basicConfig(level=level.upper(), handlers=[_Lines(sys.stderr)], force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in _SILENT:
        logging.getLogger(name).setLevel(logging.CRITICAL)


def log_action(action: str, level: int = logging.INFO, **fields: object) -> None:
    """One event. Give values that may be shown to anybody."""
    if not LOGGER.isEnabledFor(level):
        return
    text = action + "".join([f" {key}={value}" for key, value in fields.items()])
    match logging.root.handlers:
        case [_Lines() as lines]:
            with contextlib.suppress(OSError, ValueError):  # nobody reads the log any more; the request goes on
                lines.write_line(level, text)
        case _:
            LOGGER.log(level, "%s", text)
