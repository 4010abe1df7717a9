"""An upload: a file that comes in parts, and is put together of them in the end."""

from dataclasses import dataclass
from enum import StrEnum

UPLOAD_S = 3600
"""For an upload to be completed (OpenAI's)."""

PARTS_MAX = 10_000
"""Of one upload. A file of 10 GB in parts of 64 MB has 160."""


class UploadStatus(StrEnum):
    """OpenAI's states. From all but the first nothing leads away."""

    PENDING = "pending"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Upload:
    """What is known of an upload. Times are whole seconds since 1970."""

    id: str
    owner: str
    filename: str
    purpose: str
    mime_type: str
    bytes: int
    """That the file will have."""
    status: UploadStatus
    created_at: int
    expires_at: int
    file_expires_after_s: int | None = None
    file_id: str | None = None
    """The file that it became."""


@dataclass(frozen=True, slots=True)
class UploadPart:
    """A part that has come in."""

    id: str
    upload_id: str
    key: str
    bytes: int
    created_at: int
