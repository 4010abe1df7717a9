"""Who makes a request."""

from dataclasses import dataclass
from enum import Enum

LOCAL_OWNER = "local"
"""Who owns what is made where no key is asked for, and by the commands of this machine."""


class Role(Enum):
    """What a caller may do."""

    LOCAL = "local"
    """Nobody who had to say who it is: the server asks for no keys."""

    KEY = "key"
    """An API key: everything but the accounts of others."""

    OPERATOR = "operator"
    """A key of the settings: an API key that has no limits and sees the figures of the server."""

    ADMIN = "admin"
    """An API key that also makes and revokes keys, and sees the usage of all."""

    TOKEN = "token"  # noqa: S105  no password
    """An MCP token: MCP in the name of its key, and nothing else."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever makes a request. Of several keys with one owner each sees the same files and batches."""

    key_id: str
    """Whose usage and limits count."""
    owner: str
    """Whose files and batches are seen."""
    role: Role
    plan: str | None = None
    """Whose limits hold; None: the server's own alone."""
    expires_at: int | None = None
    """From when on, in seconds since 1970, it is known no more."""


LOCAL = Caller(key_id=LOCAL_OWNER, owner=LOCAL_OWNER, role=Role.LOCAL)
