"""What a program writes, cut into lines that may go into a log: bounded, and free of control characters. Pure."""

import re
from dataclasses import dataclass, field

LINE_CHARS_MAX = 1000
"""Of a line in our log; vLLM writes its whole configuration into one."""

BUFFER_BYTES_MAX = 64 * 1024
"""Of a line that does not end; what is over it is dropped."""

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_ENDS = re.compile(rb"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line. `passing` if the next was to be written over it, as progress bars do."""

    text: str
    passing: bool = False


@dataclass(slots=True)
class LineSplitter:
    """Keeps what has not ended yet."""

    _rest: bytes = field(default=b"")

    def feed(self, data: bytes) -> list[LogLine]:
        """The lines that `data` ends, without the empty ones."""
        data = self._rest + data
        lines, start = [], 0
        for end in _ENDS.finditer(data):
            if end[0] == b"\r" and end.end() == len(data):
                break  # its \n may come next
            lines.append(LogLine(_clean(data[start : end.start()]), end[0] == b"\r"))
            start = end.end()
        self._rest = data[start : start + BUFFER_BYTES_MAX]
        return [line for line in lines if line.text]

    def end(self) -> list[LogLine]:
        """What was left without an end."""
        text, self._rest = _clean(self._rest), b""
        return [LogLine(text)] if text else []


def _clean(line: bytes) -> str:
    text = _ESCAPES.sub("", line.decode("utf-8", errors="replace"))
    text = "".join(char if char.isprintable() else " " for char in text).rstrip()
    return text if len(text) <= LINE_CHARS_MAX else text[: LINE_CHARS_MAX - 1] + "…"
