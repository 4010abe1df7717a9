"""The JSON object that an answer consists of, where an engine binds to no schema. Pure.

Models like to think aloud first and to put their JSON into a Markdown fence. That is taken off; an answer that talks
around its JSON in any other way is no JSON.
"""

from inference.verdict import Span

_THOUGHT_END = "</think>"
_FENCE = "```"
_LANGUAGE = "json"


def json_alone(text: str) -> Span | None:
    """Where the object stands in `text`, its braces included; None if the answer is anything else. Linear."""
    start, end = _trimmed(text, 0, len(text))
    if not text.startswith(("{", _FENCE), start):  # some templates write the mark that begins a thought themselves
        found = text.find(_THOUGHT_END, start, end)
        start, end = _trimmed(text, found + len(_THOUGHT_END) if found >= 0 else start, end)
    if text.startswith(_FENCE, start):
        start += len(_FENCE)
        start, end = _trimmed(text, start + len(_LANGUAGE) * text.startswith(_LANGUAGE, start), end)
    if text.endswith(_FENCE, start, end):
        start, end = _trimmed(text, start, end - len(_FENCE))
    whole = end - start > 1 and text[start] == "{" and text[end - 1] == "}"
    return Span(start, end) if whole else None


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), end - (len(piece) - len(piece.rstrip()))
