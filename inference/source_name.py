"""How a source is named inside a sentence of ours. Pure.

A title is somebody else's text: it stands in quotation marks, on one line, of bounded length, and cannot close them.
"""

import re

from inference.text.shorten import shorten
from inference.verdict import Passage, SourceKind

TITLE_CHARS_MAX = 80

_DOUBLE_QUOTES = re.compile('["“”„‟«»″＂]')


def source_name(passage: Passage) -> str:
    """As it stands in the middle of a sentence."""
    if passage.kind is SourceKind.DOCUMENT:
        return "the document"
    printable = "".join(character if character.isprintable() else " " for character in passage.title)
    title = shorten(_DOUBLE_QUOTES.sub("'", printable), TITLE_CHARS_MAX)
    return f'"{title}"' if title else "a source without a title"


def source_name_first(passage: Passage) -> str:
    """As it begins a sentence."""
    name = source_name(passage)
    return name[0].upper() + name[1:]
