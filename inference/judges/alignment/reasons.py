"""Why a claim was judged as it was, in a sentence or two for a person.

Quotes only what stands in the claim or in the evidence.
"""

from inference.judges.alignment.aligned_case import AMOUNT, DENIED, DIFFERS, DUTY, Alignment
from inference.judges.alignment.conflicts import LIMITED, SWAPPED, Conflict
from inference.judges.alignment.dates import show_date
from inference.judges.alignment.field_alignment import FieldFinding
from inference.judges.alignment.statement import Statement
from inference.judges.alignment.values import ValueFinding
from inference.verdict import Label

_QUOTE_CHARS_MAX = 160
"""A longer quote in a reason is cut; the evidence shows it whole."""


_LESS = {
    AMOUNT: "The evidence speaks of fewer or more than the claim",
    DUTY: "The evidence only permits what the claim says is required",
    DIFFERS: "The evidence takes back what the claim says",
}


def shorten(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _QUOTE_CHARS_MAX else flat[: _QUOTE_CHARS_MAX - 3].rstrip() + "..."


def reason(found: Alignment, quote: str) -> str:
    """Names what decided, with both sides. `quote` is the sentence as it stands in the passage."""
    if found.value is not None:
        return _value_reason(found, found.value)
    if found.conflict is not None:
        return _conflict_reason(found, found.conflict, quote)
    sentence = shorten(quote)
    if found.kind == DENIED:
        same = found.label is Label.SUPPORTED
        return f'The evidence denies it as the claim does: "{sentence}"' if same else _denial(found, sentence)
    if found.label is Label.REFUTED:
        return f'{_LESS[found.kind]}: "{sentence}"'
    return f'The evidence says the same: "{sentence}"'


def _denial(found: Alignment, sentence: str) -> str:
    claim_denies = any(token.negated for token in found.claim.tokens)
    return f'The evidence states what the claim denies: "{sentence}"' if claim_denies else (
        f'The evidence denies it: "{sentence}"'
    )  # fmt: skip


def _span_text(statement: Statement, places: tuple[int, ...]) -> str:
    return statement.text[statement.tokens[places[0]].start : statement.tokens[places[-1]].end]


def _value_reason(found: Alignment, value: ValueFinding) -> str:
    theirs, mine = found.evidence.tokens[value.theirs], found.claim.tokens[value.mine]
    there, here = shorten(theirs.text), shorten(mine.text)
    if theirs.date is not None:
        there = show_date(theirs.date.readings[0])
    sort = "date" if mine.date is not None else "value"
    if found.label is Label.SUPPORTED and not mine.negated:
        return f"The evidence gives {there}, which {'is' if there == here else 'fits'} the same {sort} as in the claim."
    return f"The evidence gives {there}; the claim {'denies' if mine.negated else 'says'} {here}."


def _conflict_reason(found: Alignment, conflict: Conflict, quote: str) -> str:
    here = _span_text(found.claim, conflict.mine)
    other = found.evidence.tokens[conflict.theirs]
    there = other.text
    if other.name >= 0:
        there = found.evidence.names[other.name].text
    if conflict.kind == SWAPPED:
        return f'The evidence has it the other way round: "{shorten(quote)}"'
    if conflict.kind == LIMITED:
        return f'The evidence sets a requirement or a limit ("{shorten(quote)}"); the claim says "{here}".'
    if conflict.agrees:
        return f'The evidence says the same in opposite words: "{shorten(quote)}"'
    ending = ", which the claim denies" if found.claim.tokens[conflict.mine[0]].negated else ""
    if ending:
        return f'The evidence says "{there}", which leaves no room for "{here}", as the claim says.'
    return f'The evidence says "{there}"; the claim says "{here}".'


def field_reason(found: FieldFinding) -> str:
    value, key = shorten(found.field.value), found.field.key
    if found.label is Label.SUPPORTED:
        return f'The evidence gives "{value}" as the {key}, which agrees with the claim.'
    return f'The evidence gives "{value}" as the {key}; the claim says "{shorten(found.said)}".'
