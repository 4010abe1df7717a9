"""Where the sentences of a text begin and end.

Rules, no model. A mark ends a sentence only where no abbreviation, initial, number, quotation or bracket says
otherwise. A blank line always ends one. A single line break ends one unless the line plainly runs on into the next.
Linear in the length of the text. It does not look for clauses inside a sentence.
"""

import re
from bisect import bisect_right

from inference.verdict import Span

# What may stand between a mark and the white space behind it. U+FDD0 is the mask that claims/markup.py writes over
# markdown, so that "**Done.** Next" ends where "Done. Next" does.
CLOSERS = "\"'”’»)\\]}」』）】*_\ufdd0"

_MARK = re.compile(
    rf"(?P<wide>[。！？｡]+[{CLOSERS}]*)|"
    rf"(?P<mark>[.!?…‽؟।۔]+)[{CLOSERS}]*(?: '')?(?=\s|\Z)|(?P<line>\n\s*)"
)
_LAST_WORD = re.compile(r"[\w.&'’-]*\Z")
_LETTERED = re.compile(
    r"\b(?:vitamin|hepatitis|influenza|type|group|class|grade|plan|option|section|part|point|appendix|exhibit|schedule|"
    r"figure|table|drug|team|company|side|step|level|size|phase|model|product|scenario|case) [A-Z]\Z",
    re.I,
)  # things that are told apart by a letter, which then ends a sentence like any other word
_NEXT_WORD = re.compile(r"[\s\"'“‘«(\[*_\ufdd0]*([^\W_]*)")
_BULLET = re.compile(r"\s*(?:[-*+•‣◦–]|\d{1,3}[.)]|[a-z]\)|#{1,6}|>|\|)\s")

_QUOTE_ENDS = '"”’»)]」』'

_LAST_WORD_CHARS = 24  # the longest word, with its dots, that can be an abbreviation here
_MARKER_CHARS = 8  # the number of a list item with the marks around it
_PAIR_CHARS_MAX = 300  # a quotation or bracket longer than this protects no mark inside it
_LONG_LINE_CHARS = 50  # a line this long without an end mark was most likely wrapped

_PAIRS = re.compile(
    rf'"[^"\n]{{1,{_PAIR_CHARS_MAX}}}"|“[^“”\n]{{1,{_PAIR_CHARS_MAX}}}”|\([^()\n]{{1,{_PAIR_CHARS_MAX}}}\)'
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Never the end of a sentence: something always follows them.
_LEADING = _words(
    "dr mr mrs ms mx prof gen sen rep gov capt lt col maj sgt cmdr adm rev hon pres fr sr. st mt ft fig figs eq "
    "sec ch vol vols art para pp p approx ca c. cf e.g eg i.e ie viz vs v. al. resp est incl excl esp univ dept "
    "messrs mme mlle ing bros nr"
)
_TITLES = _words("dr mr mrs ms prof gen sen rep gov capt lt col sgt")
# The end of a sentence only if what follows can begin one.
_TRAILING = _words(
    "inc ltd co corp llc jr sr etc al a.m p.m am pm u.s u.k u.n e.u d.c u.s.a ph.d m.d b.a m.a b.sc m.sc b.c a.d "
    "b.c.e c.e jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri ave blvd rd min max "
    "sq ft in lb oz hr hrs"
)
_NUMBERED = _words("no nos nr art sec p pp fig ch vol para eq")  # abbreviations only before a number
# Words that begin sentences and are hardly ever the second half of a name.
_STARTERS = _words(
    "the a an it its he she his her they their we our you your i this that these those there here in on at for "
    "from by with as if when while after before since although though because however but and so then also yes no "
    "not what where who why how which is are was were do does did can could will would should may might must has "
    "have all some many most several each every both another other one two three during until unlike like "
    "according today now later finally first"
)
# A line that ends in one of these has not ended.
_UNFINISHED = _words(
    "a an the of in on at to for from by with and or but nor as than that which who whose is are was were be been "
    "has have had will would can could may might must should into over under between about its his her their"
)


def sentences(text: str) -> list[Span]:
    """The sentences of `text` in order, blank ones left out, outer white space trimmed. Linear in its length."""
    spans: list[Span] = []
    start = 0
    pairs = [match.span() for match in _PAIRS.finditer(text)]
    opens = [pair[0] for pair in pairs]
    for match in _MARK.finditer(text):
        if match["line"] is not None:
            ended = _line_ends(text, start, match.start(), match.end())
        elif _inside_pair(text, pairs, opens, match, start):
            ended = False
        else:
            ended = match["wide"] is not None or _mark_ends(text, start, match)
        if ended:
            _append_trimmed(spans, text, start, match.end())
            start = match.end()
    _append_trimmed(spans, text, start, len(text))
    return spans


def _append_trimmed(spans: list[Span], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    if piece.strip():
        spans.append(Span(start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())))


def _inside_pair(text: str, pairs: list[tuple[int, int]], opens: list[int], match: re.Match[str], start: int) -> bool:
    """Whether the mark stands inside a quotation or bracket that is a part of its sentence."""
    at = bisect_right(opens, match.start()) - 1
    if at < 0 or match.end() >= pairs[at][1]:
        return False
    following = text[pairs[at][1] : pairs[at][1] + 2].strip()
    return pairs[at][0] > start + 1 or following[:1] in {",", ";"} or following[:1].islower()


def _mark_ends(text: str, start: int, match: re.Match[str]) -> bool:
    mark = match["mark"]
    following = _NEXT_WORD.match(text, match.end())
    after = following.group(1) if following else ""
    if not text[match.end() : match.end() + 200].strip():
        return True
    starter = after.lower() in _STARTERS
    if after[:1].islower() and match.group()[-1] in _QUOTE_ENDS:
        return False  # "Stop." he said
    if mark != ".":
        small = starter or _is_small(text, start) or text[match.start() - 1 : match.start()].isspace()
        return not after[:1].islower() or (small and "…" not in mark and "." not in mark)
    return _full_stop_ends(text, start, match.start(), after, starter)


def _full_stop_ends(text: str, start: int, at: int, after: str, starter: bool) -> bool:
    found = _LAST_WORD.search(text, max(start, at - _LAST_WORD_CHARS), at)
    before = found.group().strip("'’") if found else ""
    lowered = before.lower()
    if not before and text[at - 1 : at].isspace():  # a loose mark, as in pre-cut text: "it is old . it is tall"
        title = text[max(start, at - _LAST_WORD_CHARS) : at].split()[-1:]
        return not title or title[0].lower() not in _TITLES
    opens = start + _MARKER_CHARS >= at and not text[start : at - len(before)].strip("*_\ufdd0 \t\n")
    if opens and before.isdigit():
        return False  # "1. Paris": the number of a list item
    if lowered in _NUMBERED and after[:1].isdigit():
        return False
    if lowered in _LEADING and lowered not in _NUMBERED:
        return False
    if lowered in _NUMBERED - {"no", "art", "in"} and not starter:
        return False
    if lowered in _TRAILING or (len(before) > 1 and "." in before and before.replace(".", "").isalpha()):
        return after[:1].isupper() and (starter or lowered in {"etc", "a.m", "p.m", "am", "pm"})
    if len(before) == 1 and before.isupper() and before != "I":
        # An initial: "J. K. Rowling". But "Vitamin C. It is ...", and "vitamin D. Sunlight ...".
        return starter or _LETTERED.search(text, max(start, at - _LAST_WORD_CHARS), at) is not None
    if after[:1].islower():
        return starter or (before.islower() and len(before) > 3) or (before[-1:].isalnum() and _is_small(text, start))
    return True


def _is_small(text: str, start: int) -> bool:
    """Whether the sentence at `start` is written without a capital, so that the next one may be too."""
    first = _NEXT_WORD.match(text, start)
    return first is not None and first.group(1)[:1].islower()


def _line_ends(text: str, start: int, at: int, end: int) -> bool:
    """Whether a line break, with the white space after it, ends the sentence."""
    if text.count("\n", at, end) > 1 or end == len(text):
        return True
    line_start = max(text.rfind("\n", start, at) + 1, start)
    line = text[line_start:at].rstrip()
    if _BULLET.match(text, at + 1) or line.endswith((":", ".", "!", "?", "|")):
        return True
    found = _LAST_WORD.search(line, max(0, len(line) - _LAST_WORD_CHARS))
    last = found.group() if found else ""  # as written: the month of May ends a line, "may" does not
    following = text[end : end + 1]
    if following.islower() or line.endswith(",") or last in _UNFINISHED:
        return False
    return at - line_start < _LONG_LINE_CHARS or not following.isalnum() or _looks_like_field(text, end)


def _looks_like_field(text: str, start: int) -> bool:
    """Whether "Key: value" begins here."""
    return re.match(r"[^\s:]{1,30}(?: [^\s:]{1,30}){0,3}:\s", text[start : start + 140]) is not None
