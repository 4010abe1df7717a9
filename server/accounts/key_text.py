"""The text of API keys and MCP tokens: a prefix, 30 random base62 characters, and a checksum over both.

What has no right checksum was never made here, so it is refused without a look into the database. The random part has
178 bits: a fast hash is enough to keep it, and nobody guesses one.
"""

import hashlib
import hmac
import secrets
import string
import zlib

KEY_PREFIX = "tsk_"
"""Of an API key."""

TOKEN_PREFIX = "tsm_"  # noqa: S105  what tokens begin with is none
"""Of an MCP token."""

BODY_CHARS = 30
CHECKSUM_CHARS = 6
"""A CRC32 in base62."""

NONCE_BYTES = 32

_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
_BODY_VALUES = 62**BODY_CHARS
_TEXT_CHARS = len(KEY_PREFIX) + BODY_CHARS + CHECKSUM_CHARS


def new_key() -> str:
    """The text of a new API key."""
    return _text(KEY_PREFIX, secrets.randbelow(_BODY_VALUES))


def new_nonce() -> bytes:
    """What makes one MCP token of a key differ from its next one."""
    return secrets.token_bytes(NONCE_BYTES)


def token_of(key: str, nonce: bytes) -> str:
    """The MCP token of the API key `key`: who has the key can be shown the token again, though it is kept nowhere."""
    mac = hmac.digest(key.encode("utf-8", "surrogatepass"), b"touchstone mcp token" + nonce, hashlib.sha256)
    return _text(TOKEN_PREFIX, int.from_bytes(mac) % _BODY_VALUES)


def is_key(text: str) -> bool:
    """Whether `text` may be an API key that was made here or by another server like it."""
    return _is_well_formed(text, KEY_PREFIX)


def is_token(text: str) -> bool:
    """Whether `text` may be an MCP token."""
    return _is_well_formed(text, TOKEN_PREFIX)


def is_ours(text: str) -> bool:
    """Whether `text` is a key or a token by its form, so that it was meant for a server like this."""
    return is_key(text) or is_token(text)


def digest_of(text: str) -> bytes:
    """What is kept of a key: its SHA-256, 32 bytes."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _text(prefix: str, number: int) -> str:
    body = prefix + _base62(number, BODY_CHARS)
    return body + _checksum(body)


def _is_well_formed(text: str, prefix: str) -> bool:
    if len(text) != _TEXT_CHARS or not text.startswith(prefix) or not text.isascii():
        return False
    if not text[len(prefix) :].isalnum():
        return False
    return _checksum(text[:-CHECKSUM_CHARS]) == text[-CHECKSUM_CHARS:]


def _checksum(body: str) -> str:
    return _base62(zlib.crc32(body.encode()), CHECKSUM_CHARS)


def _base62(number: int, chars: int) -> str:
    digits = ""
    for _ in range(chars):
        number, digit = divmod(number, 62)
        digits = _BASE62[digit] + digits
    return digits
