"""The text of one file of a person's own: which types are known, how they are decoded, and what cannot be read.

Blocks, and may take long on a hostile file: callers run it in a thread that they can give up.
"""

import codecs
import hashlib
import stat
from dataclasses import dataclass
from pathlib import Path

from inference.evidence.html_text import html_text
from inference.evidence.pdf_text import PdfUnreadable, pdf_text

FILE_BYTES_MAX = 20 * 1024 * 1024
"""Bytes. The text of some twenty long books; indexing that much takes a few seconds, in which no other process can
write to the corpus."""

TEXT_CHARS_MAX = 20 * 1024 * 1024
"""Characters. The same bound for the text that comes out of a file, since a small PDF can unpack into a large one."""

MEDIA_TYPES = {
    ".txt": "text/plain",
    ".log": "text/plain",
    ".rst": "text/x-rst",
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".json": "application/json",
    ".html": "text/html",
    ".htm": "text/html",
    ".pdf": "application/pdf",
}
"""The types that are read, by the end of the file's name."""

_BYTE_ORDER_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


class FileUnreadable(Exception):
    """This file cannot be added; says why, and what its owner can do."""


@dataclass(frozen=True, slots=True)
class FileText:
    """What a file says."""

    title: str
    media_type: str
    text: str


def known_type(path: Path) -> bool:
    return path.suffix.lower() in MEDIA_TYPES


def read_bytes(path: Path) -> bytes:
    """The bytes of a regular file of at most FILE_BYTES_MAX."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise FileUnreadable("it is not a regular file")
        with path.open("rb") as file:
            data = file.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        raise FileUnreadable(f"it could not be read ({error.strerror})") from error
    if len(data) > FILE_BYTES_MAX:
        raise FileUnreadable(f"it is larger than {FILE_BYTES_MAX // 1024**2} MiB. Split it into smaller files")
    return data


def digest(data: bytes) -> str:
    """The SHA-256 by which a changed file is told from an unchanged one."""
    return hashlib.sha256(data).hexdigest()


def file_text(path: Path, data: bytes) -> FileText:
    """What `data`, the bytes of `path`, says. Raises FileUnreadable, also if it says nothing."""
    media_type = MEDIA_TYPES[path.suffix.lower()]
    title, text = _title_and_text(media_type, data)
    if not text.strip():
        raise FileUnreadable("it is empty" if not data.strip() else "no text was found in it")
    if len(text) > TEXT_CHARS_MAX:
        raise FileUnreadable(f"its text is longer than {TEXT_CHARS_MAX:,} characters. Split it into smaller files")
    return FileText(" ".join(title.split()) or printable(path.name), media_type, text)


def printable(name: str) -> str:
    """`name` as it can be stored and shown: bytes of a file name that are no UTF-8 are spelled out."""
    return name.encode("utf-8", "backslashreplace").decode()


def _title_and_text(media_type: str, data: bytes) -> tuple[str, str]:
    if media_type == "application/pdf":
        try:
            return pdf_text(data)
        except PdfUnreadable as error:
            raise FileUnreadable(str(error)) from error
    if media_type == "text/html":
        return html_text(data)
    return "", _decoded(data)


def _decoded(data: bytes) -> str:
    encoding = next((name for mark, name in _BYTE_ORDER_MARKS.items() if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        raise FileUnreadable("it is not UTF-8 text. Save it as UTF-8 and add it again") from None
    if "\0" in text:
        raise FileUnreadable("it holds binary data, not text")
    return text
