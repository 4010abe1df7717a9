"""What became of an answer of a model, for who counts them."""

from collections.abc import Callable
from enum import StrEnum


class AnswerOutcome(StrEnum):
    """One for each answer."""

    READ = "read"
    RETRIED = "retried"
    """It could not be read, and the model is asked once more."""
    UNREADABLE = "unreadable"
    """It could not be read, and that was the second."""


Observer = Callable[[AnswerOutcome], None]


def unobserved(outcome: AnswerOutcome) -> None:
    """Counts nothing."""
