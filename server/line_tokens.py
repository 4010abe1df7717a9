"""The tokens that an answer says it took, in any of the shapes that are in use. Pure."""

from typing import Any

from inference.batches.batch import NO_TOKENS, LineTokens


def tokens_of(answer: dict[str, Any]) -> LineTokens:
    """The tokens in the `usage` of `answer`; none where it does not say, or says what is no count."""
    usage = answer.get("usage")
    if not isinstance(usage, dict):
        return NO_TOKENS
    return LineTokens(
        input=_count(usage, "prompt_tokens", "input_tokens"),
        output=_count(usage, "completion_tokens", "output_tokens"),
        cached=_detail(usage, "cached_tokens", "prompt_tokens_details", "input_tokens_details"),
        reasoning=_detail(usage, "reasoning_tokens", "completion_tokens_details", "output_tokens_details"),
    )


def _detail(usage: dict[str, Any], name: str, *groups: str) -> int:
    for group in groups:
        details = usage.get(group)
        if isinstance(details, dict):
            return _count(details, name)
    return 0


def _count(counts: dict[str, Any], *names: str) -> int:
    for name in names:
        count = counts.get(name)
        if type(count) is int and 0 <= count <= COUNT_MAX:
            return count
    return 0


COUNT_MAX = 2**40
"""What one answer may claim. Sums of counts go into a database, whose integers end."""
