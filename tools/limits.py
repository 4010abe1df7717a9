"""The bounds of one verification. Every one is a setting of the same name."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Names end in their unit; `_max` is inclusive."""

    prompt_chars_max: int = 1_000_000
    response_chars_max: int = 1_000_000
    document_chars_max: int = 10_000_000
    claims_max: int = 1_000
    passages_per_claim: int = 6
    verify_timeout_s: float = 120.0
