"""The document that a claim is judged against: passages put together by source, as many as fit. Pure but for counting.

Whole passages, the best first, until the next would not fit; they stand in the order of their source, and a stretch
that two of them share stands once. What is left out is told by the number that is returned.
"""

from collections.abc import Awaitable, Callable, Sequence

from inference.verdict import Passage, SourceKind

_BETWEEN = "\n\n"


def document_of(passages: Sequence[Passage]) -> str:
    """The text of `passages`, which come best first: sources by their best passage, each under its title."""
    sources: dict[tuple[str, ...], list[Passage]] = {}
    for passage in passages:
        sources.setdefault(_source(passage), []).append(passage)
    return _BETWEEN.join(_text_of(found) for found in sources.values())


def _source(passage: Passage) -> tuple[str, ...]:
    if passage.kind is SourceKind.DOCUMENT:
        return (passage.kind,)
    return (passage.kind, passage.link, passage.title) if passage.link else (passage.kind, passage.id)


def _text_of(passages: Sequence[Passage]) -> str:
    """The passages of one source in its order."""
    first = passages[0]
    titled = first.kind is not SourceKind.DOCUMENT and first.title
    text, end = "", -1
    for passage in sorted(passages, key=lambda passage: (passage.start, passage.id)):
        if passage.start < end:
            text += passage.text[end - passage.start :]
        else:
            text += (_BETWEEN if text else "") + passage.text
        end = max(end, passage.start + len(passage.text))
    return f"{first.title}\n{text}" if titled else text


async def count_that_fits(
    passages: Sequence[Passage], tokens_of: Callable[[Sequence[Passage]], Awaitable[int]], tokens_max: int
) -> tuple[int, int]:
    """How many of `passages`, from the first on, take at most `tokens_max` tokens, and how many tokens those take.

    0 if the first alone takes more, and then how many it takes. Asks for a count at most 2 + log2(n) times.
    """
    whole = await tokens_of(passages)
    if whole <= tokens_max:
        return len(passages), whole
    fits, fits_not, tokens = 0, len(passages), whole
    while fits_not - fits > 1:
        middle = (fits + fits_not) // 2
        count = await tokens_of(passages[:middle])
        if count <= tokens_max:
            fits, tokens = middle, count
        else:
            fits_not = middle
            tokens = count if fits == 0 else tokens
    return fits, tokens
