"""What a file is that should be JSON Lines and is none: told by how it begins, so that a person knows what to do. Pure.

A guess by the first bytes. None of them can begin JSON, so a file that is right is never taken for another.
"""

from typing import NamedTuple

BYTES_LOOKED_AT = 4096
"""From the start of a file: enough for the names of the first entries of a zip."""

_UNPACK = "unpack it first"


class OtherFile(NamedTuple):
    """What a file is."""

    what: str
    advice: str = ""
    is_table: bool = False
    """Whether what is in it are rows, which can be saved in another form."""

    def words(self, forms: str) -> str:
        """What it is and what to do, to follow the file's name where `forms` are read."""
        advice = f"save its rows as {forms}" if self.is_table else self.advice
        return f"is {self.what}, which is not read here: {advice}"


_UTF_8 = "save it as UTF-8"
_UTF_16 = OtherFile("text in UTF-16", _UTF_8)
_UTF_32 = OtherFile("text in UTF-32", _UTF_8)

_BY_START = (
    (b"\x1f\x8b", OtherFile("compressed with gzip", f"{_UNPACK} (gunzip)")),
    (b"\x28\xb5\x2f\xfd", OtherFile("compressed with Zstandard", f"{_UNPACK} (unzstd)")),
    (b"BZh", OtherFile("compressed with bzip2", f"{_UNPACK} (bunzip2)")),
    (b"\xfd7zXZ\0", OtherFile("compressed with xz", f"{_UNPACK} (unxz)")),
    (b"7z\xbc\xaf\x27\x1c", OtherFile("a 7z archive", _UNPACK)),
    (b"PAR1", OtherFile("a Parquet file", is_table=True)),
    (b"ARROW1", OtherFile("an Arrow file", is_table=True)),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OtherFile("an old Excel or Word file", is_table=True)),
    (b"SQLite format 3\0", OtherFile("an SQLite database", is_table=True)),
    (b"%PDF-", OtherFile("a PDF", "send its text")),
    (b"\xff\xfe\0\0", _UTF_32),
    (b"\0\0\xfe\xff", _UTF_32),
    (b"\xff\xfe", _UTF_16),
    (b"\xfe\xff", _UTF_16),
    (b"{\0\0\0", _UTF_32),
    (b"\0\0\0{", _UTF_32),
    (b"{\0", _UTF_16),  # without a byte order mark
    (b"\0{", _UTF_16),
)
_ZIP = b"PK\x03\x04"
_IN_XLSX = (b"[Content_Types].xml", b"xl/")
_XLSX = OtherFile("an Excel file (xlsx)", is_table=True)
_ZIPPED = OtherFile("a zip archive", f"{_UNPACK} (unzip)")


def other_file(start: bytes) -> OtherFile | None:
    """What the file that begins with `start` is; None if it may well be JSON Lines."""
    if start.startswith(_ZIP):
        return _XLSX if any(name in start[:BYTES_LOOKED_AT] for name in _IN_XLSX) else _ZIPPED
    return next((other for magic, other in _BY_START if start.startswith(magic)), None)
