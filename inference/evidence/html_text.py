"""The readable text of a web page, without its navigation, through trafilatura.

Blocks, and may take long on a hostile page: callers run it in a thread that they can give up.
"""

from typing import NamedTuple


class HtmlText(NamedTuple):
    """What a page says. Both are empty if nothing readable was found."""

    title: str
    text: str


def html_text(page: str | bytes) -> HtmlText:
    """The main text of `page`; what its paragraphs hold if no main text stands out. Bytes are decoded by their look."""
    # Imported here because it takes 0.16 s, and most runs read no page at all.
    from trafilatura import bare_extraction, baseline  # noqa: PLC0415
    from trafilatura.settings import Document  # noqa: PLC0415

    try:
        found = bare_extraction(page, include_comments=False, with_metadata=True)
        if isinstance(found, Document) and (found.text or "").strip():
            return HtmlText(_plain(found.title or ""), _plain(found.text or ""))
        _, text, _ = baseline(page)
    except Exception:  # noqa: BLE001  hostile markup makes the parser raise nearly anything; it all means "unreadable"
        return HtmlText("", "")
    return HtmlText("", _plain(text))


def _plain(text: str) -> str:
    return text.encode("utf-8", "replace").decode().strip()
