"""Routes that are reached under their own path and no other.

Starlette's end in `$`, which also matches before a line break at the end. So `/v1/api-keys%0A` would reach what
`/v1/api-keys` reaches, past a gate that compares paths as they are.
"""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from starlette.routing import BaseRoute, Match, Route
from starlette.types import Scope


class ExactRoute(Route):
    """A route whose path ends where it ends."""

    def __init__(self, path: str, *given: Any, **named: Any) -> None:
        super().__init__(path, *given, **named)
        self.path_regex = re.compile(self.path_regex.pattern.removesuffix("$") + r"\Z")


def without_slash(routes: Iterable[BaseRoute], scope: Scope) -> str:
    """Where a request belongs whose path has slashes too many at its end; empty if nothing is there either.

    It names neither scheme nor host, as Starlette's own redirect does: behind a proxy that speaks TLS it would send a
    client, and its key, to a port that does not.
    """
    path = scope["path"].rstrip("/")
    if path == scope["path"] or not path:
        return ""
    if all(route.matches({**scope, "path": path})[0] is Match.NONE for route in routes):
        return ""
    query = scope["query_string"].decode("latin-1")
    return quote(path) + (f"?{query}" if query else "")
