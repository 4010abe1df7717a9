"""The tokens of an answer, laid against its text. Pure functions.

What an engine tells of tokens is not always the text cut in pieces: it may begin with tokens of a thinking part and end
with a mark of the end, and a token that ends inside a character may come as U+FFFD. Whoever reads tokens needs to know
where in the text they stand, so what cannot be laid against it is not given at all.
"""

from collections.abc import Sequence

from inference.engine.language_model import ChosenToken

_UNKNOWN = "\ufffd".encode()
"""In the place of bytes that are no whole character."""
_CHARACTER_BYTES_MAX = 4


def aligned(tokens: Sequence[ChosenToken], text: bytes) -> tuple[ChosenToken, ...]:
    """The tokens whose texts put together are `text`; none if that cannot be told."""
    if not text:
        return ()
    start = b"".join(token.text for token in tokens).rfind(text)
    return sliced(tokens, start, start + len(text)) if start >= 0 else _mended(tokens, text)


def sliced(tokens: Sequence[ChosenToken], start: int, end: int) -> tuple[ChosenToken, ...]:
    """The bytes from `start` to `end`. A token that begins before is cut there, and so are those of its alternatives
    that begin alike; others said something else and are left out."""
    found = []
    at = 0
    for token in tokens:
        begin, at = at, at + len(token.text)
        if at <= start or begin >= end:
            continue
        head = token.text[: max(0, start - begin)]
        found.append(
            ChosenToken(
                token.text[len(head) : end - begin],
                tuple((other[len(head) :], odds) for other, odds in token.alternatives if other.startswith(head)),
            )
        )
    return tuple(found)


def _mended(tokens: Sequence[ChosenToken], text: bytes) -> tuple[ChosenToken, ...]:
    """As `aligned`, where tokens stand for bytes that only the text knows. The first of several such tokens gets all of
    their bytes."""
    found: list[ChosenToken] = []
    at = 0
    broken: list[ChosenToken] = []
    for token in tokens:
        if at == len(text):
            break
        if _UNKNOWN in token.text:
            broken.append(token)
            continue
        start = _next(text, at, token.text, broken)
        if start < 0:
            return ()
        if broken:
            found.append(ChosenToken(text[at:start], broken[0].alternatives))
            broken = []
        found.append(token)
        at = start + len(token.text)
    if broken and at < len(text):
        found.append(ChosenToken(text[at:], broken[0].alternatives))
        at = len(text)
    return tuple(found) if at == len(text) else ()


def _next(text: bytes, at: int, known: bytes, broken: Sequence[ChosenToken]) -> int:
    """Where `known` stands behind the bytes of the `broken` tokens; -1 if it does not."""
    room = sum(len(token.text) + _CHARACTER_BYTES_MAX for token in broken)
    return text.find(known, at, at + room + len(known))
