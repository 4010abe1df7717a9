"""A line of vLLM's log: which process wrote it, how grave it is, and what it says. Pure."""

import logging
import re
from dataclasses import dataclass

_LINE = re.compile(
    r"^(?:\((?P<process>[\w-]+) pid=\d+\) )?(?:(?P<level>DEBUG|INFO|WARNING|ERROR|CRITICAL)\s*:?\s"
    r"(?:\d\d-\d\d \d\d:\d\d:\d\d )?)?(?:\[[\w.]+:\d+\] ?)?(?P<words>.*)$",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class VllmLine:
    """`level` is one of `logging`'s; `process` is empty where the line does not say."""

    process: str
    level: int
    words: str


def read_line(text: str) -> VllmLine:
    """Of a line in another form, all of it is words, and its level INFO."""
    found = _LINE.match(text)
    if found is None:
        return VllmLine("", logging.INFO, text)
    level = logging.getLevelNamesMapping()[found["level"] or "INFO"]
    return VllmLine(found["process"] or "", level, found["words"].strip())
