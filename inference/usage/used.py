"""What was used: requests and tokens, of a key, a day and a model. Values only."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple


class UsageKey(NamedTuple):
    """What is counted apart: a key, a day in UTC (2026-11-26), a model."""

    key_id: str
    day: str
    model: str


@dataclass(frozen=True, slots=True)
class Used:
    """How much."""

    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0

    def __add__(self, other: "Used") -> "Used":
        return Used(
            self.requests + other.requests,
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
        )

    @property
    def total_tokens(self) -> int:
        return self.input_tokens + self.output_tokens


NOTHING = Used()

ByModel = Mapping[str, Used]
"""What one request or many used, by the name of the model."""
