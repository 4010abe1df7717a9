"""Headers that every response has: what a browser that comes upon one must not do with it.

They are for an API whose answers are data (OWASP's "REST Security Cheat Sheet"). A server behind TLS adds
`strict-transport-security` there, since this one does not know under which names it is reached.
They are put in where the head goes out (`held_head.py`), so that answers have them that no application wrote, and they
cost one look at the head.
"""

_ALWAYS = b"".join(
    name + b": " + value + b"\r\n"
    for name, value in (
        (b"x-content-type-options", b"nosniff"),  # a file of a caller's that looks like a page is none
        (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
        (b"x-frame-options", b"DENY"),  # the same, for browsers that do not know frame-ancestors
        (b"referrer-policy", b"no-referrer"),  # paths hold ids
        (b"cross-origin-resource-policy", b"same-origin"),  # who may read across origins asks with CORS
    )
)
_NOT_KEPT = b"cache-control: no-store\r\n"  # answers are for whoever has the key, not for who comes next
_END = b"\r\n\r\n"
_KEPT_AS_IT_SAYS = b"\r\ncache-control:"


def with_security_headers(head: bytes) -> bytes:
    """`head`, from its status line on, with our headers at its end; what follows the head is left as it is.

    Names in it are in lower case, as uvicorn and we write them. An interim answer (1xx) is not touched.
    """
    at = head.find(_END)
    if at < 0 or head[9:10] == b"1":
        return head
    added = _ALWAYS if _KEPT_AS_IT_SAYS in head[:at] else _ALWAYS + _NOT_KEPT
    return head[: at + 2] + added + head[at + 2 :]
