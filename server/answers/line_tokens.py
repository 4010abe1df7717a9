"""The tokens that an answer says it took, in any of the shapes that are in use. Pure."""

from typing import Any

import orjson

from inference.usage.token_usage import NO_USAGE, TokenUsage

COUNT_MAX = 2**40
"""What one answer may claim. Sums of counts go into a database, whose integers end."""

PLACES_MAX = 4
"""Where a member "usage" is looked for, from the end of an answer, before the whole of it is read."""

_USAGE = b'"usage"'


def tokens_of(answer: dict[str, Any]) -> TokenUsage:
    """The tokens in the `usage` of `answer`; none where it does not say, or says what is no count."""
    usage = answer.get("usage")
    if not isinstance(usage, dict):
        return NO_USAGE
    return TokenUsage(
        input=_count(usage, "prompt_tokens", "input_tokens"),
        output=_count(usage, "completion_tokens", "output_tokens"),
        cached=_detail(usage, "cached_tokens", "prompt_tokens_details", "input_tokens_details"),
        reasoning=_detail(usage, "reasoning_tokens", "completion_tokens_details", "output_tokens_details"),
    )


def tokens_told(content: bytes) -> TokenUsage:
    """As `tokens_of`, of an answer in bytes, of which as little is read as will do: engines tell tokens near its end.

    The rest of an answer from the name of a member on, with a brace before it, is JSON only if that member is one of
    the outermost object: from within an inner one there is a brace left over, and within a text quotes are escaped.
    """
    end = len(content)
    for _ in range(PLACES_MAX):
        end = content.rfind(_USAGE, 0, end)
        if end < 0:
            return NO_USAGE
        if content[end - 1 : end] == b"\\":
            continue
        try:
            return tokens_of(orjson.loads(b"{" + content[end:]))
        except orjson.JSONDecodeError:
            continue
    try:
        answer = orjson.loads(content)
    except orjson.JSONDecodeError:
        return NO_USAGE
    return tokens_of(answer) if isinstance(answer, dict) else NO_USAGE


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
