"""`If-None-Match`: whether a client has what it asks for already (RFC 9110, 13.1.2)."""

import re

_TAG = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')
"""A proxy that compresses marks a tag as weak; the comparison is the weak one."""


def is_had(value: str, etag: str) -> bool:
    """Whether `value`, the header's, names `etag`, or `*`, which is whatever there is. Quoted, as tags are."""
    return value.strip() == "*" or etag in _TAG.findall(value)
