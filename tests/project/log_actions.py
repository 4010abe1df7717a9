"""Every action that the code logs, read out of the code."""

import ast
from collections.abc import Iterator
from pathlib import Path

from harness import REPOSITORY

LOGGING = {"log_action": 0, "log_fault": 1, "tell": 2, "_tell": 0, "_report": 0, "report": 0}
"""Functions that log an action, and which of their arguments it is."""

NAMED_ALONE = {"fault"}
"""What log_fault calls what is given no name."""


def actions() -> set[str]:
    """All of them."""
    return NAMED_ALONE | {action for path in _sources() for action in _of(ast.parse(path.read_text()))}


def _sources() -> Iterator[Path]:
    for room in ("server", "inference", "tools"):
        yield from (REPOSITORY / room).rglob("*.py")


def _of(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (place := LOGGING.get(_name(node.func))) is not None:
            named = node.args[place] if len(node.args) > place else None
            if isinstance(named, ast.Constant) and isinstance(named.value, str):
                yield named.value


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""
