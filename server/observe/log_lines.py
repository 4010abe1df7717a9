"""What a line of the log looks like: `time level action key=value ...`, or one JSON object. Pure, but for the clock's
time zone.

A line is written for every request, so what is the same for a whole second is made once in it.
"""

import json
import logging
import time
from collections.abc import Mapping
from typing import Protocol

import orjson

from inference.action_log import ABOUT, ACTION, words_of
from server.observe.fault_trace import trace_of
from server.observe.log_context import REQUEST, LogContext

REQUEST_ID = "request_id"
"""How JSON calls the id of a request."""

COMPLETE = "complete"
"""Set in a record whose text has the context already."""

_BREAKS = str.maketrans({"\n": "\\n", "\r": "\\r"})


About = Mapping[str, object]


class LogLines(Protocol):
    """A form of lines. None of them ends in a line break."""

    def of_action(self, at_s: float, level: int, action: str, about: About, of: LogContext | None) -> str:
        """The line of one of our own events, at `at_s` seconds since 1970."""
        ...

    def of_record(self, record: logging.LogRecord, of: LogContext | None) -> str:
        """The line of any record: ours with an exception, or a library's."""
        ...


class TextLines:
    """Lines for a person. An exception takes several."""

    def __init__(self) -> None:
        self._second = -1
        self._written = ""

    def of_action(self, at_s: float, level: int, action: str, about: About, of: LogContext | None) -> str:
        return f"{self._time(at_s)} {logging.getLevelName(level):<7} {action_text(action, about, of)}"

    def of_record(self, record: logging.LogRecord, of: LogContext | None) -> str:
        words = record.getMessage()
        if of is not None and not hasattr(record, COMPLETE):
            words += f" {of[0]}={of[1]}"
        line = f"{self._time(record.created)} {record.levelname:<7} {words}"
        if record.exc_info and record.exc_info[1]:
            line += "\n" + trace_of(record.exc_info[1])
        return line

    def _time(self, at_s: float) -> str:
        second = int(at_s)
        if second != self._second:
            self._written = time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(second))
            self._second = second
        return self._written


class JsonLines:
    """Lines for a program: an object each, with the time as in RFC 3339. An exception is text in it."""

    def __init__(self) -> None:
        self._second = -1
        self._written = ("", "")

    def of_action(self, at_s: float, level: int, action: str, about: About, of: LogContext | None) -> str:
        return _json(self._head(at_s, level, of) | {"action": action, **about})

    def of_record(self, record: logging.LogRecord, of: LogContext | None) -> str:
        line = self._head(record.created, record.levelno, of)
        action = getattr(record, ACTION, None)
        if action is None:
            line |= {"logger": record.name, "message": record.getMessage()}
        else:
            line |= {"action": action, **getattr(record, ABOUT, {})}
        if record.exc_info and record.exc_info[1]:
            line["exception"] = trace_of(record.exc_info[1])
        return _json(line)

    def _head(self, at_s: float, level: int, of: LogContext | None) -> dict[str, object]:
        head: dict[str, object] = {"time": self._time(at_s), "level": logging.getLevelName(level).lower()}
        if of is not None:
            head[REQUEST_ID if of[0] == REQUEST else of[0]] = of[1]
        return head

    def _time(self, at_s: float) -> str:
        second = int(at_s)
        if second != self._second:
            here = time.localtime(second)
            zone = time.strftime("%z", here)
            self._written = (time.strftime("%Y-%m-%dT%H:%M:%S", here), f"{zone[:3]}:{zone[3:]}")
            self._second = second
        return f"{self._written[0]}.{int((at_s - second) * 1000):03d}{self._written[1]}"


def action_text(action: str, about: Mapping[str, object], of: LogContext | None) -> str:
    """`action id=... key=value ...`, on one line whatever the values hold."""
    named = action if of is None or of[0] in about else f"{action} {of[0]}={of[1]}"
    text = words_of(named, about)
    return text.translate(_BREAKS) if "\n" in text or "\r" in text else text


def _json(line: Mapping[str, object]) -> str:
    try:
        return orjson.dumps(line, default=str).decode()
    except TypeError:  # half a surrogate pair, or a number of more than 64 bits: rare, and slower
        return json.dumps(line, default=str)
