"""A file that a caller keeps with us, and what it consists of."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Purpose(StrEnum):
    """What a file is for (OpenAI's names)."""

    BATCH = "batch"
    BATCH_OUTPUT = "batch_output"
    FINE_TUNE = "fine-tune"
    FINE_TUNE_RESULTS = "fine-tune-results"
    USER_DATA = "user_data"


UPLOADED = (Purpose.BATCH, Purpose.FINE_TUNE, Purpose.USER_DATA)
"""Those that a caller may give a file. The others are made here."""


@dataclass(frozen=True, slots=True)
class File:
    """What is known of a file. Times are whole seconds since 1970."""

    id: str
    owner: str
    filename: str
    purpose: str
    bytes: int
    created_at: int
    expires_at: int | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A blob that is part of a file."""

    key: str
    bytes: int


Parts = Sequence[Part]
