"""Text that fits: on one line, and cut where it would be too long, with an ellipsis that says so."""


def shorten(text: str, chars_max: int) -> str:
    """`text` on one line, cut at `chars_max` characters with an ellipsis that says so."""
    line = " ".join(text.split())
    return line if len(line) <= chars_max else line[: chars_max - 1].rstrip() + "…"
