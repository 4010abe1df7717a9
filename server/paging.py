"""What the query of a list says: how much of it, and from where on."""

from starlette.requests import Request

from inference.errors import BadInput


def limit_of(request: Request, default: int, most: int) -> int:
    """The `limit` of the query, from 1 to `most`. Raises BadInput."""
    text = _one(request, "limit")
    if text is None:
        return default
    # isdecimal alone takes digits of other scripts, and a number of a million digits takes long to read.
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(most)) and 1 <= int(text) <= most):
        raise BadInput(f"limit: {text[:40]!r} is no whole number from 1 to {most:,}", "limit")
    return int(text)


def after_of(request: Request) -> str | None:
    """The id that the list goes on after; None for its beginning. Raises BadInput."""
    return _one(request, "after") or None


def _one(request: Request, name: str) -> str | None:
    values = request.query_params.getlist(name)
    if len(values) > 1:
        raise BadInput(f"{name}: given {len(values)} times; give it once", name)
    return values[0] if values else None
