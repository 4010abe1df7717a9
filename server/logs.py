"""The log: one line an event on stderr, `time level action key=value ...`.

Never in a line: prompts, responses, documents, queries, keys. Only sizes, ids, names, durations and verdicts.
"""

import logging
import sys

LOGGER = logging.getLogger("touchstone")

# Chatty below warning, and what they say there is of no use to an operator.
_QUIET = ("mcp", "httpx", "httpcore", "ddgs", "primp", "htmldate")

# These call it an error when a page or a PDF of somebody else's is broken. We report that ourselves.
_SILENT = ("trafilatura", "pypdf")


class _LineFormatter(logging.Formatter):
    """Writes the time once a second and not once a line: a busy server logs thousands of lines in one."""

    _second = -1
    _written = ""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        second = int(record.created)
        if second != self._second:
            self._written = super().formatTime(record, datefmt)
            self._second = second
        return self._written


def configure_logs(level: str) -> None:
    """Sends the log to stderr. Called once, before the MCP SDK is set up, which would add a handler of its own."""
    # A line is written for every request, and none of these is in it ("Optimization" in Python's logging how-to).
    logging._srcfile = None  # as the how-to says: no walk up the stack for a line's place
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_LineFormatter("%(asctime)s %(levelname)-7s %(message)s", "%Y-%m-%dT%H:%M:%S"))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in _SILENT:
        logging.getLogger(name).setLevel(logging.CRITICAL)


def log_action(action: str, level: int = logging.INFO, **fields: object) -> None:
    """One event. Give values that may be shown to anybody."""
    if LOGGER.isEnabledFor(level):
        LOGGER.log(level, "%s %s", action, " ".join(f"{key}={value}" for key, value in fields.items()))
