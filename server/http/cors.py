"""What a web page of an allowed origin needs so that its browser lets it call, and read the answers (CORS).

Which origins are allowed is for `access.py` to say, before it comes here. No cookies are involved: a page sends its key
itself, in a header, which is why a browser asks beforehand, without a key, whether it may.
"""

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

PREFLIGHT_KEPT_S = 600
"""For which a browser need not ask again. Browsers keep it for ten minutes to a day, at their own limit."""

_READABLE = (
    "x-request-id",
    "retry-after",
    "content-disposition",
    "content-range",
    "openai-processing-ms",
    *(f"x-ratelimit-{part}-{what}" for part in ("limit", "remaining", "reset") for what in ("requests", "tokens")),
)
"""Headers of answers that a page may read, beside those that all may (Fetch standard, "CORS-safelisted")."""


def for_allowed_origins(app: ASGIApp) -> ASGIApp:
    """`app` with the answers to preflights, and the headers that let the page read the others. For requests whose
    origin was found to be allowed."""
    return CORSMiddleware(
        app,
        allow_origin_regex=".*",  # named in the answer, and no other
        allow_methods=["*"],
        allow_headers=["*"],
        expose_headers=_READABLE,
        max_age=PREFLIGHT_KEPT_S,
    )
