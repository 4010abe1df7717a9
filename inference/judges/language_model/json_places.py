"""Where the string values of a JSON text stand in it, by their paths. Pure; for text that is known to be JSON.

A parser gives values without their places, and the place of a verdict in the answer is what its tokens are found by.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

Path = tuple[str | int, ...]

_TOKEN = re.compile(rb'"((?:[^"\\]|\\.)*)"|[\[\]{}:,]', re.DOTALL)
"""Strings and punctuation; numbers and words of JSON hold neither."""


@dataclass(slots=True)
class _Container:
    """An open array (`key` counts) or object (`key` is what came before the colon)."""

    is_object: bool
    key: str | int = 0
    expects_key: bool = field(init=False)

    def __post_init__(self) -> None:
        self.expects_key = self.is_object


def string_places(text: bytes) -> Iterator[tuple[Path, int]]:
    """Each string that is a value: its path, and the offset of its first byte behind the quote."""
    open_now: list[_Container] = []
    for token in _TOKEN.finditer(text):
        mark = token[0]
        if mark in (b"{", b"["):
            open_now.append(_Container(mark == b"{"))
        elif mark in (b"}", b"]"):
            open_now.pop()
        elif mark == b",":
            _next_item(open_now[-1])
        elif mark == b":":
            open_now[-1].expects_key = False
        elif open_now and open_now[-1].expects_key:
            open_now[-1].key = token[1].decode(errors="replace")
        else:
            yield tuple(container.key for container in open_now), token.start(1)


def _next_item(container: _Container) -> None:
    if isinstance(container.key, int) and not container.is_object:
        container.key += 1
    container.expects_key = container.is_object
