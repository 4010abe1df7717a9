"""The document that a claim is judged against: passages put together by source. Pure.

Whole passages, in the order of their source; a stretch that two of them share stands once.
"""

from collections.abc import Sequence

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
