"""What the files of a person say, read from real files."""

import io
import os
from pathlib import Path

import pytest
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from inference.evidence import file_text as module
from inference.evidence.file_text import FileText, FileUnreadable, file_text, known_type, read_bytes


def text_of(path: Path) -> FileText:
    return file_text(path, read_bytes(path))


def pdf_of(*pages: str, password: str = "", title: str = "") -> bytes:
    writer = PdfWriter()
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    for text in pages:
        page = writer.add_blank_page(300, 300)
        content = DecodedStreamObject()
        content.set_data(f"BT /F1 12 Tf 20 200 Td ({text}) Tj ET".encode())
        page[NameObject("/Contents")] = writer._add_object(content)
        page[NameObject("/Resources")] = DictionaryObject(
            {NameObject("/Font"): DictionaryObject({NameObject("/F1"): writer._add_object(font)})}
        )
    if title:
        writer.add_metadata({"/Title": title})
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


@pytest.mark.parametrize("suffix", [".txt", ".md", ".markdown", ".rst", ".csv", ".tsv", ".json", ".log", ".TXT"])
def test_texts_are_read_as_they_are(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"notes{suffix}"
    path.write_text("# Größe\n3 m\n", "utf-8")
    assert text_of(path).text == "# Größe\n3 m\n"
    assert text_of(path).title == path.name


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_says_the_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("Größe", encoding)
    assert text_of(path).text == "Größe"


def test_a_web_page_gives_its_text_and_title(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    body = "<p>The lighthouse was built in 1871 by two brothers from Kalvo.</p>" * 8
    path.write_text(f"<html><head><title>Kalvo</title></head><body><nav>Menu</nav><main>{body}</main></body></html>")
    assert text_of(path).title == "Kalvo"
    assert "built in 1871" in text_of(path).text
    assert text_of(path).media_type == "text/html"


def test_a_pdf_gives_the_text_of_all_its_pages_in_order(tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(pdf_of("Page one is first.", "Page two is last.", title="Yearly report"))
    found = text_of(path)
    assert found.text.index("Page one is first.") < found.text.index("Page two is last.")
    assert found.title == "Yearly report"


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.txt", b"", "it is empty"),
        ("a.txt", b" \n ", "it is empty"),
        ("a.txt", b"Gr\xf6\xdfe", "not UTF-8"),
        ("a.txt", b"a\0b", "binary"),
        ("a.html", b"", "it is empty"),
        ("a.html", b"<html><body><script>x()</script></body></html>", "no text was found"),
        ("a.pdf", b"", "could not be read as a PDF"),
        ("a.pdf", b"%PDF-1.7 and then nothing", "could not be read as a PDF"),
        ("a.pdf", b"\0" * 1000, "could not be read as a PDF"),
        ("a.pdf", pdf_of("Secret.", password="swordfish"), "protected by a password"),  # noqa: S106  a test
        ("a.pdf", pdf_of(""), "holds no text"),
        ("a.pdf", pdf_of("Cut off.")[:300], "could not be read as a PDF|holds no text"),
    ],
)
def test_what_cannot_be_read_says_why(tmp_path: Path, name: str, data: bytes, reason: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(FileUnreadable, match=reason):
        text_of(path)


def test_a_pdf_with_too_many_pages_is_refused_and_not_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inference.evidence.pdf_text.PDF_PAGES_MAX", 2)
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf_of("One.", "Two.", "Three."))
    with pytest.raises(FileUnreadable, match="3 pages; at most 2"):
        text_of(path)


def test_a_file_over_the_limit_is_refused_and_not_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FILE_BYTES_MAX", 1024**2)
    path = tmp_path / "a.txt"
    path.write_bytes(b"x" * (1024**2 + 1))
    with pytest.raises(FileUnreadable, match="larger than 1 MiB"):
        read_bytes(path)


def test_a_text_over_the_limit_is_refused_and_not_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TEXT_CHARS_MAX", 10)
    with pytest.raises(FileUnreadable, match="longer than 10 characters"):
        file_text(tmp_path / "a.txt", b"eleven letters")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    with pytest.raises(FileUnreadable, match="not a regular file"):
        read_bytes(tmp_path / "pipe.txt")


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable, match="No such file"):
        read_bytes(tmp_path / "gone.txt")


@pytest.mark.parametrize("name", ["a.exe", "a", "a.docx", ".txt", "a.txt.gz"])
def test_other_types_are_not_known(name: str) -> None:
    assert not known_type(Path(name))
