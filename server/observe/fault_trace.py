"""A fault for the log: where it happened and of what kind it is, without the words of it.

An exception may quote what it failed on: a prompt, a document, a key. So its message is left out, but for the kinds in
which Python itself names code and no data.
"""

import traceback
from collections.abc import Iterator

SAYS_NO_DATA = (
    AttributeError,
    ImportError,
    MemoryError,
    NameError,
    NotImplementedError,
    RecursionError,
    TypeError,
    ZeroDivisionError,
)
"""Exceptions whose message is logged."""

DEPTH_MAX = 10
"""Causes of causes, and groups within groups, that are told of."""

FRAMES_MAX = 50
"""Of one exception: the innermost."""

MEMBERS_MAX = 3
"""Of one group."""

_CAUSED = "\nThe above exception was the direct cause of the following exception:\n\n"
_MEANWHILE = "\nDuring handling of the above exception, another exception occurred:\n\n"


def trace_of(error: BaseException) -> str:
    """The trace as Python prints it, without what may be data. No line break at the end."""
    return "".join(_parts(error, DEPTH_MAX)).rstrip("\n")


def _parts(error: BaseException, depth: int) -> Iterator[str]:
    """A part for each exception of the chain, the first that was raised first."""
    if depth == 0:
        yield "...\n"
        return
    between = ""
    if error.__cause__ is not None:
        yield from _parts(error.__cause__, depth - 1)
        between = _CAUSED
    elif error.__context__ is not None and not error.__suppress_context__:
        yield from _parts(error.__context__, depth - 1)
        between = _MEANWHILE
    frames = "".join(traceback.format_tb(error.__traceback__, -FRAMES_MAX))
    yield f"{between}Traceback (most recent call last):\n{frames}{_named(error)}\n"
    if isinstance(error, BaseExceptionGroup):
        for number, member in enumerate(error.exceptions[:MEMBERS_MAX], 1):
            yield f"\nNumber {number} of {len(error.exceptions)} in the group:\n\n"
            yield from _parts(member, depth - 1)


def _named(error: BaseException) -> str:
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    if isinstance(error, OSError) and error.strerror:
        return f"{name}: [Errno {error.errno}] {error.strerror}"
    return f"{name}: {error}" if isinstance(error, SAYS_NO_DATA) else name
