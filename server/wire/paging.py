"""Lists in pages: what the query says, how much and from where on, and the object that OpenAI makes of one."""

from collections.abc import Collection, Sequence
from typing import Any

from starlette.requests import Request

from inference.errors import BadInput


def limit_of(request: Request, default: int, most: int) -> int:
    """The `limit` of the query, from 1 to `most`. Raises BadInput."""
    text = one_of_query(request, "limit")
    if text is None:
        return default
    # isdecimal alone takes digits of other scripts, and a number of a million digits takes long to read.
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(most)) and 1 <= int(text) <= most):
        raise BadInput(f"limit: {text[:40]!r} is no whole number from 1 to {most:,}", "limit")
    return int(text)


def after_of(request: Request) -> str | None:
    """The id that the list goes on after; None for its beginning. Raises BadInput."""
    return one_of_query(request, "after") or None


def newest_first_of(request: Request) -> bool:
    """Whether the `order` of the query has the newest first, as it is where none is given. Raises BadInput."""
    order = one_of_query(request, "order")
    if order not in (None, "asc", "desc"):
        raise BadInput(f"order: {order[:40]!r} is neither asc nor desc", "order")
    return order != "asc"


def one_of_query(request: Request, name: str) -> str | None:
    """The value of `name` in the query; None if it is not there. Raises BadInput if it is there more than once."""
    values = request.query_params.getlist(name)
    if len(values) > 1:
        raise BadInput(f"{name}: given {len(values)} times; give it once", name)
    return values[0] if values else None


def check_query(request: Request, known: Collection[str]) -> None:
    """Raises BadInput for a parameter of the query that is not `known`: where one chooses what is counted, one that was
    misspelt would give a wrong sum."""
    if (odd := next((name for name in request.query_params if name not in known), None)) is not None:
        raise BadInput(f"there is no parameter {odd[:40]!r}; there are {', '.join(known)}", odd[:40])


def list_json(items: Sequence[dict[str, Any]], *, has_more: bool) -> dict[str, Any]:
    """OpenAI's list of `items`, each of which has an `id`."""
    return {
        "object": "list",
        "data": items,
        "first_id": items[0]["id"] if items else None,
        "last_id": items[-1]["id"] if items else None,
        "has_more": has_more,
    }
