"""A batch: what it is, what may become of it, and how far it is.

validating -> in_progress -> finalizing -> completed
    |             |              |
    v             |              +-------> expired    (its window ended: what was answered is kept)
  failed          v              +-------> failed     (its input became unreadable: likewise)
              cancelling ----------------> cancelled  (likewise)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from inference.usage.token_usage import NO_USAGE, TokenUsage


class Status(StrEnum):
    """The states of the reference."""

    VALIDATING = "validating"
    FAILED = "failed"
    IN_PROGRESS = "in_progress"
    FINALIZING = "finalizing"
    COMPLETED = "completed"
    EXPIRED = "expired"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"


ENDED = frozenset({Status.FAILED, Status.COMPLETED, Status.EXPIRED, Status.CANCELLED})
"""From these nothing leads away."""


class Ending(StrEnum):
    """Why a batch ends before all its lines are answered."""

    EXPIRED = "expired"
    CANCELLED = "cancelled"
    FAILED = "failed"
    """It cannot be worked off, such as when its input file is deleted meanwhile."""


class Endpoint(StrEnum):
    """What a line may ask."""

    CHAT = "/v1/chat/completions"
    EMBEDDINGS = "/v1/embeddings"
    VERIFY = "/v1/verify/reliability"


@dataclass(frozen=True, slots=True)
class BatchError:
    """Why an input file was refused, or could not be worked off. `line` counts from 1, as editors do."""

    code: str
    message: str
    param: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """What is known of a batch. Times are whole seconds since 1970."""

    id: str
    owner: str
    status: Status
    endpoint: Endpoint
    completion_window: str
    input_file_id: str
    created_at: int
    expires_at: int
    ending: Ending | None = None
    output_file_id: str | None = None
    error_file_id: str | None = None
    output_expires_after_s: int | None = None
    errors: Sequence[BatchError] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    priority: int = 0
    model: str | None = None
    """The model of all lines; None if they name several, or before they were read."""
    kept_for: str | None = None
    """Whose workers alone answer its lines, since others have other judges and engines. None: any worker's."""
    key_id: str | None = None
    """Whose usage it is; None: nobody's."""
    plan: str | None = None
    """Whose limits it has; None: no plan's."""
    in_progress_at: int | None = None
    finalizing_at: int | None = None
    completed_at: int | None = None
    failed_at: int | None = None
    expired_at: int | None = None
    cancelling_at: int | None = None
    cancelled_at: int | None = None
    total: int = 0
    completed: int = 0
    failed: int = 0
    tokens: TokenUsage = NO_USAGE
