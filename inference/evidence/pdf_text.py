"""The text of a PDF file, page by page, through pypdf. It reads no images: a scan has no text.

Blocks, and may take long on a hostile file: callers run it in a thread that they can give up.
"""

import io
from typing import NamedTuple

PDF_PAGES_MAX = 2_000
"""Pages. A long handbook; at some 20 ms a page that is under a minute of reading."""


class PdfText(NamedTuple):
    """What a PDF says. Pages are parted by a blank line."""

    title: str
    text: str


class PdfUnreadable(Exception):
    """The file gives no text; says why, for its owner."""


def pdf_text(data: bytes) -> PdfText:
    """The whole text of the PDF in `data`. Raises PdfUnreadable rather than leave a page out."""
    # Imported here because it takes 0.1 s, and most runs read no PDF.
    from pypdf import PdfReader  # noqa: PLC0415
    from pypdf.errors import FileNotDecryptedError  # noqa: PLC0415

    try:
        reader = PdfReader(io.BytesIO(data))
        pages = len(reader.pages)
        if pages > PDF_PAGES_MAX:
            raise PdfUnreadable(f"it has {pages} pages; at most {PDF_PAGES_MAX} are read. Split it into smaller files")
        text = "\n\n".join(page.extract_text() for page in reader.pages)
        title = (reader.metadata.title or "") if reader.metadata else ""
    except PdfUnreadable:
        raise
    except FileNotDecryptedError:
        raise PdfUnreadable("it is protected by a password. Save a copy without one") from None
    except Exception as error:  # broken files make the parser raise nearly anything
        raise PdfUnreadable(f"it could not be read as a PDF ({type(error).__name__})") from error
    if not text.strip():
        raise PdfUnreadable("it holds no text (a scan?). Run text recognition over it first")
    return PdfText(_plain(title), _plain(text))


def _plain(text: str) -> str:
    return text.encode("utf-8", "replace").decode().strip()
