"""Facts written as key and value: "Date:22May25", "Client: Acme", "| Total | 7,116 GBP |", `"amount": 12`.

Finds the fields of a passage with exact offsets. Keys are spelled out ("InvID" is "invoice id", "Amt" is "amount"), so
that a claim's words meet them. What a field says of a claim is decided in `field_alignment`.
"""

import re
from dataclasses import dataclass
from itertools import islice

from inference.verdict import Span

FIELDS_MAX = 200
"""More fields than a passage holds; the rest of a hostile text is left to the sentence reader."""
VALUE_CHARS_MAX = 300
"""What is longer is prose behind a colon, which the sentence reader reads."""
_KEY_CHARS_MAX = 40
_KEY = re.compile(
    r"[\"'*]{0,3}(?<![\w#/.&-])(?P<key>[A-Za-z][\w#/.&-]{0,39})[\"'*]{0,3}\s?(?P<sep>[:=])[\"'*]{0,3}(?!//|:)"
)
_LINE_KEY = re.compile(r"[^\W_][\w #/.&()'-]{0,39}$")

_SPELLED = {
    "inv": "invoice", "invid": "invoice id", "invno": "invoice number", "invoiceno": "invoice number", "co": "company",
    "amt": "amount", "qty": "quantity", "due": "due date", "ref": "reference", "po": "purchase order",
    "no": "number", "num": "number", "nr": "number", "tel": "phone", "ph": "phone", "addr": "address",
    "dob": "birth date", "dept": "department", "mgr": "manager", "exp": "expiry date", "cust": "customer",
    "acct": "account", "bal": "balance", "tot": "total", "curr": "currency", "pmt": "payment", "terms": "payment terms",
    "eff": "effective date", "sal": "salary", "pos": "position", "hrs": "hours", "loc": "location", "emp": "employee",
    "mfr": "manufacturer", "ver": "version", "desc": "description", "id": "id", "cat": "category", "wt": "weight",
    "ht": "height", "yr": "year", "est": "established", "pop": "population", "cap": "capacity", "dep": "departure",
    "arr": "arrival", "flt": "flight", "temp": "temperature", "avg": "average", "min": "minimum", "max": "maximum",
    "rev": "revenue", "acc": "account", "cur": "currency", "vat": "vat", "sku": "sku", "pt": "patient", "dr": "doctor",
    "rx": "prescription", "dx": "diagnosis", "mrn": "record number", "vin": "vin", "reg": "registration",
    "del": "delivery", "shp": "shipping", "ship": "shipping", "start": "start date", "end": "end date",
    "issued": "issue date",
}  # fmt: skip
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[_/.#&-]|\s")
_NET_TERMS = re.compile(r"(?<!\w)(?:net|n)\s?/?-?(\d{1,3})(?!\w|\s?days?\b)", re.I)


@dataclass(frozen=True, slots=True)
class Field:
    """One fact: `key` spelled out, `value` verbatim at `text[value_span]`; `span` covers both."""

    key: str
    value: str
    span: Span
    value_span: Span


def spell_key(key: str) -> str:
    """The key in words: "InvID" is "invoice id", "Due" is "due date"."""
    known = _SPELLED.get(key.lower())
    if known:
        return known
    parts = [part for part in _CAMEL.split(key) if part]
    return " ".join(_SPELLED.get(part.lower(), part.lower()) for part in parts)


def spell_value(value: str) -> str:
    """The value in words where records abbreviate: "N30" is "net 30 days"."""
    return _NET_TERMS.sub(r"net \1 days", value)


def find_fields(text: str) -> list[Field]:
    """The fields of `text` in order. Linear in its length; ordinary prose has none."""
    rows = _rows(text)
    if rows:
        return rows
    keys = _keys(text)
    return [_field(text, key, keys[at + 1] if at + 1 < len(keys) else None) for at, key in enumerate(keys)]


def _rows(text: str) -> list[Field]:
    """The rows of a table of two columns."""
    if text.count("|") < 2:
        return []
    found: list[Field] = []
    start = 0
    for line in text.split("\n"):
        row = _row(line, start)
        if row is not None and len(found) < FIELDS_MAX:
            found.append(row)
        start += len(line) + 1
    return found


def _row(line: str, start: int) -> Field | None:
    cells = line.strip().strip("|").split("|", 2)
    if len(cells) != 2:
        return None
    key, value = cells[0].strip(), cells[1].strip()
    if not value or not key or len(key) > _KEY_CHARS_MAX or set(key) <= set("-: "):
        return None
    key_at = line.index(key)
    value_at = line.index(value, line.index("|", key_at + len(key)))
    span = Span(start + key_at, start + value_at + len(value))
    return Field(spell_key(key), value, span, Span(start + value_at, span.end))


@dataclass(frozen=True, slots=True)
class _Key:
    start: int
    end: int
    name: str
    value_start: int


def _keys(text: str) -> list[_Key]:
    found = [_widened(text, match) for match in islice(_KEY.finditer(text), FIELDS_MAX)]
    per_line = {text.rfind("\n", 0, key.start) for key in found}
    single = [key for key in found if _opens_line(text, key)]
    return found if len(found) > len(per_line) or (len(single) < len(found) and len(found) > 1) else single


def _opens_line(text: str, key: _Key) -> bool:
    return not text[text.rfind("\n", 0, key.start) + 1 : key.start].strip(" \t-*•\"'{[,")


def _widened(text: str, match: re.Match[str]) -> _Key:
    """A key that opens its line or follows a mark may have several words: "Invoice date:"."""
    start = match.start("key")
    line = max(text.rfind(mark, max(0, start - _KEY_CHARS_MAX), start) for mark in "\n;|,{[.")
    begin = line + 1 if line >= 0 else 0 if start < _KEY_CHARS_MAX else -1
    lead = text[begin:start] if begin >= 0 else ""
    if lead.strip(" -*•\"'") and ":" not in lead and "=" not in lead and _LINE_KEY.match(lead.strip(" -*•\"'") + "x"):
        start = begin + len(lead) - len(lead.lstrip(" -*•\"'"))
    return _Key(start, match.end("key"), text[start : match.end("key")], match.end())


_SENTENCE_END = re.compile(r"[\w)\"%]{3}[.!?]\s+(?=[A-Z])")
_ABBREVIATED = re.compile(
    r"(?:Mr|Mrs|Dr|Inc|Ltd|Corp|Prof|Sen|Rev|Ave|Blvd|Dept|Capt|Gen|Col|etc|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec)$"
)


def _first_sentence(raw: str) -> str:
    """A value ends where its sentence ends: what follows is no longer the field."""
    for match in _SENTENCE_END.finditer(raw):
        stop = raw.rindex(match.group().strip()[-1], match.start(), match.end())
        if raw[:stop].strip() and not _ABBREVIATED.search(raw[:stop]):
            return raw[:stop]
    return raw


def _field(text: str, key: _Key, following: _Key | None) -> Field:
    limit = following.start if following is not None else len(text)
    newline = text.find("\n", key.value_start, limit)
    stop = newline if newline >= 0 and text[key.value_start : newline].strip() else limit
    raw = _first_sentence(text[key.value_start : min(stop, key.value_start + VALUE_CHARS_MAX)])
    start = key.value_start + len(raw) - len(raw.lstrip(" \t\n\"'*"))
    value = text[start : key.value_start + len(raw)].rstrip(" \t\n,;|\"'*}].{[-")
    value_span = Span(start, start + len(value))
    return Field(spell_key(key.name), value, Span(key.start, max(value_span.end, key.end)), value_span)
