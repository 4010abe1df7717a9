"""Markdown: which parts of a response are prose, and the words without their dress.

`mask` writes U+FDD0 over bold and italic marks, link targets, inline code ticks and the like, so the masked text has
the same length and all offsets stay true. `blocks` cuts the text into paragraphs, list items, table rows, headings
and code. It is a reader of what models write, not a CommonMark parser: nothing is nested, nothing is rendered.
"""

import re
from dataclasses import dataclass
from enum import Enum, auto

from inference.verdict import Span

MASK = "\ufdd0"  # a Unicode noncharacter: no real text holds it

# Lengths are bounded so that a flood of opening brackets costs no more than its length times a constant.
_LINK = re.compile(
    r"(?P<open>!?\[)[^\[\]\n]{0,500}(?P<close>\]\([^()\s]{0,2000}(?:\([^()\s]{0,200}\)[^()\s]{0,200})?"
    r"(?:\s\"[^\"\n]{0,200}\")?\))"
)
_DRESS = re.compile(
    r"(?<=\S)\*{2,3}|\*{2,3}(?=\S)"
    r"|(?<=[^\s*])\*(?![\w*])|(?<![\w*])\*(?=[^\s*])"  # bold, italic; "3*4" and "3 * 4" stay
    r"|(?<![^\W_])_{1,3}(?=[^\W_])|(?<=[^\W_])_{1,3}(?![^\W_])"
    r"|~~|</?[a-zA-Z][^<>\n]{0,200}>"
    r"|(?<=\S)\[\^?\d{1,3}\]"  # citation marks
)
# Ticks in pairs around code. Those of "`` word ''" are the quotation marks of tokenized text.
_CODE = re.compile(r"(?<!`)(?P<open>`{1,3})(?![\s`])[^`\n]{0,500}(?<!\s)(?P<close>(?P=open))(?!`)")
_MARKER = re.compile(r"[ \t]*(?:[-*+•‣◦▪–]|\(?\d{1,3}[.)]|[a-z]\))[ \t]+(?:\[[ xX]\][ \t]+)?")
_HEADING = re.compile(r"[ \t]{0,3}#{1,6}[ \t]")
_FENCE = re.compile(r"[ \t]{0,3}(`{3,}|~{3,})[ \t]*([^\s`]*)")
_BOLD_LINE = re.compile(r"[ \t]*(?:\*\*|__)[^*_\n]{1,80}(?:\*\*|__):?[ \t]*\Z")
_QUOTED = re.compile(r"[ \t]*(?:>[ \t]?)+")
_RULER = re.compile(r"[\s:|-]*\Z")

_TEXT_FENCES = frozenset({"", "text", "txt", "md", "markdown", "plain", "plaintext"})


class Kind(Enum):
    """What a block is."""

    TEXT = auto()
    ITEM = auto()
    ROW = auto()
    HEADING = auto()
    BOLD_LINE = auto()  # a line all in bold: a heading to some, the answer to others
    QUOTED_TEXT = auto()  # a code block that names no programming language
    CODE = auto()


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of the response without its marker. A row carries its column names."""

    kind: Kind
    span: Span
    header: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    text: str


def mask(text: str) -> str:
    """`text` with its inline markdown overwritten; of the same length."""
    chars: list[str] | None = None
    for rule in (_LINK, _CODE):
        for match in rule.finditer(text):
            chars = list(text) if chars is None else chars
            _overwrite(chars, *match.span("open"))
            _overwrite(chars, *match.span("close"))
    masked = text if chars is None else "".join(chars)
    return _DRESS.sub(lambda found: MASK * len(found.group()), masked)


def _overwrite(chars: list[str], start: int, end: int) -> None:
    chars[start:end] = MASK * (end - start)


def plain(masked: str) -> str:
    """The words of a masked stretch: no mask, no control characters, single spaces."""
    kept = masked.replace(MASK, "")
    if not kept.isprintable():
        kept = "".join(" " if ord(char) < 32 or 127 <= ord(char) < 160 else char for char in kept)
    return " ".join(kept.split())


def blocks(text: str) -> list[Block]:
    """The blocks of `text` in order; blank ones are left out."""
    lines = _lines(text)
    found: list[Block] = []
    at = 0
    while at < len(lines):
        fence_end = _fence_end(lines, at)
        if fence_end:
            found.append(_code(lines, at, fence_end))
            at = fence_end + 1
        elif _is_table(lines, at):
            at = _read_rows(lines, at, found)
        else:
            at = _read_line(lines, at, found)
    return [block for block in found if text[block.span.start : block.span.end].strip()]


def _lines(text: str) -> list[_Line]:
    lines, start = [], 0
    for line in text.split("\n"):
        lines.append(_Line(start, start + len(line), line))
        start += len(line) + 1
    return lines


def _fence_end(lines: list[_Line], at: int) -> int:
    """The line that closes the fence opened at `at`; 0 if none opens, or it never closes and so is no code."""
    opened = _FENCE.match(lines[at].text)
    if opened is None:
        return 0
    fence = opened.group(1)
    closing = (i for i in range(at + 1, len(lines)) if lines[i].text.strip().startswith(fence))
    return next(closing, 0)


def _code(lines: list[_Line], at: int, end: int) -> Block:
    opened = _FENCE.match(lines[at].text)
    language = opened.group(2).lower() if opened else ""
    kind = Kind.QUOTED_TEXT if language in _TEXT_FENCES else Kind.CODE
    return Block(kind, Span(lines[at].end, lines[end].start))


def _is_table(lines: list[_Line], at: int) -> bool:
    if "|" not in lines[at].text or at + 1 >= len(lines):
        return False
    ruler = lines[at + 1].text
    return "-" in ruler and "|" in ruler and _RULER.match(ruler) is not None


def cells(row: str) -> list[str]:
    """The cells of a table row, plain."""
    stripped = row.strip().removeprefix("|").removesuffix("|")
    return [plain(mask(cell)) for cell in stripped.split("|")]


def _read_rows(lines: list[_Line], at: int, found: list[Block]) -> int:
    header = tuple(cells(lines[at].text))
    at += 2
    while at < len(lines) and "|" in lines[at].text:
        found.append(Block(Kind.ROW, Span(lines[at].start, lines[at].end), header))
        at += 1
    return at


def _read_line(lines: list[_Line], at: int, found: list[Block]) -> int:
    """Reads one block of one or more lines from `at`; returns the line after it."""
    line = lines[at]
    if _is_ruler(line.text) or not line.text.strip() or _FENCE.match(line.text):
        return at + 1
    heading = _HEADING.match(line.text)
    if heading:
        found.append(Block(Kind.HEADING, Span(line.start + heading.end(), line.end)))
        return at + 1
    marker = _MARKER.match(line.text) or _QUOTED.match(line.text)
    kind = Kind.ITEM if _MARKER.match(line.text) else Kind.TEXT
    start = line.start + (marker.end() if marker else 0)
    if _BOLD_LINE.match(line.text[start - line.start :]) and kind is Kind.TEXT:
        found.append(Block(Kind.BOLD_LINE, Span(start, line.end)))
        return at + 1
    end = at + 1
    while end < len(lines) and _runs_on(lines, end):
        end += 1
    found.append(Block(kind, Span(start, lines[end - 1].end)))
    return end


def _runs_on(lines: list[_Line], at: int) -> bool:
    """Whether line `at` belongs to the paragraph or item before it."""
    text = lines[at].text
    starts_new = any(rule.match(text) for rule in (_MARKER, _HEADING, _FENCE, _BOLD_LINE, _QUOTED))
    return bool(text.strip()) and not starts_new and not _is_ruler(text) and not _is_table(lines, at)


def _is_ruler(text: str) -> bool:
    """Whether the line is only a rule: "---", "* * *", "====="."""
    marks = "".join(text.split())
    return len(marks) >= 3 and len(set(marks)) == 1 and marks[0] in "-*_="


def prose(found: list[Block], with_titles: bool) -> list[Block]:
    """The blocks that state things. Headings and text in code fences count only if nothing else does."""
    kept = {Kind.TEXT, Kind.ITEM, Kind.ROW, Kind.BOLD_LINE}
    if with_titles:
        kept |= {Kind.HEADING, Kind.QUOTED_TEXT}
    return [block for block in found if block.kind in kept]
