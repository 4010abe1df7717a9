"""Text that fits: cut where it would be too long, with an ellipsis that says so."""

LEFT_OUT = " […] "
"""Where a stretch of a text is left out."""


def shorten(text: str, chars_max: int) -> str:
    """`text` on one line, cut at `chars_max` characters with an ellipsis that says so."""
    line = " ".join(text.split())
    return line if len(line) <= chars_max else line[: chars_max - 1].rstrip() + "…"


def shorten_to_bytes(text: str, bytes_max: int) -> str:
    """The same, cut so that it takes at most `bytes_max` bytes of UTF-8."""
    line = " ".join(text.split())
    if len(line.encode(errors="replace")) <= bytes_max:
        return line
    return line.encode(errors="replace")[: bytes_max - len("…".encode())].decode(errors="ignore").rstrip() + "…"


def ends_of(text: str, chars_max: int) -> str:
    """`text` as it is, or the beginning and the end of one that is over `chars_max` characters."""
    half = chars_max // 2
    return text if len(text) <= chars_max else f"{text[:half]}{LEFT_OUT}{text[-half:]}"
