"""What one field of a record says of a claim: its key must be what the claim speaks of, its value what it says.

"The due date is June 21, 2025" is about the field "Due", not about the field "Date", because "due" is said.
"""

from dataclasses import dataclass

from inference.judges.alignment.dates import Relation, compare_dates
from inference.judges.alignment.lemma import lemma
from inference.judges.alignment.matching import match_words
from inference.judges.alignment.opposites import Opposition, opposed
from inference.judges.alignment.places import exclude, lies_in
from inference.judges.alignment.quantity_comparison import comparable, compare_quantities
from inference.judges.alignment.records import Field, spell_value
from inference.judges.alignment.statement import Statement, read_statement
from inference.judges.alignment.tokens import CONTENT_WEIGHT, Kind, Token
from inference.judges.alignment.vocabulary import word_list
from inference.verdict import Label

_OPTIONAL_KEY_WORDS = frozenset(("date", "number", "id", "payment", "of", "name", "order"))
"""Words of a spelled-out key that a claim may leave out: "is due on June 21"."""
_DOCUMENTS = frozenset(
    map(lemma, word_list("invoice contract order bill receipt report record document agreement lease product"))
)
"""What a record is, rather than what a field of it says: "invoice date" is about the date."""
_SAME_STRENGTH, _OTHER_STRENGTH = 0.95, 0.93


@dataclass(frozen=True, slots=True)
class FieldFinding:
    """What a field says: how well its key fits comes first, so that the best-fitting field decides."""

    label: Label
    fit: tuple[int, int]
    strength: float
    field: Field
    said: str
    """The claim's own value, for the reason."""


def _key_fit(claim: Statement, key: Statement) -> tuple[set[int], int] | None:
    """The claim's tokens that say the key, and how many; None if a needed word of the key is not said."""
    met = match_words(key, claim)
    needed = [at for at in key.content() if key.tokens[at].lower not in _OPTIONAL_KEY_WORDS]
    needed = needed or list(key.content())
    telling = [at for at in met.at if key.tokens[at].lemma not in _DOCUMENTS] or (
        list(met.at) if len(key.tokens) == 1 else []
    )
    if not telling or any(at not in met.at for at in needed if key.tokens[at].lemma not in _DOCUMENTS):
        return None
    return set(met.at.values()), len(met.at)


def _value_tokens(claim: Statement, key_tokens: set[int], context: frozenset[str]) -> list[int]:
    """The claim's words that are neither the key nor the name of the document: what it says the value is."""
    return [
        at
        for at in claim.content()
        if at not in key_tokens
        and not (claim.tokens[at].keys & context and claim.tokens[at].kind is Kind.WORD)
        and (claim.tokens[at].weight >= CONTENT_WEIGHT)
    ]


def _compare(token: Token, value: Statement) -> Relation:
    relations = set()
    for other in value.tokens:
        if token.date is not None and other.date is not None:
            relations.add(compare_dates(token.date, other.date))
        if token.quantity is not None and other.quantity is not None:
            same_sort = comparable(token.quantity, other.quantity)
            relations.add(compare_quantities(token.quantity, other.quantity) if same_sort else Relation.UNKNOWN)
    for relation in (Relation.SAME, Relation.UNKNOWN):
        if relation in relations:
            return relation
    return Relation.CONFLICT if relations else Relation.UNKNOWN


def _squeezed(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalnum())


def _is_code(token: Token, whole: str) -> bool:
    """Whether the token is the very code that the field holds."""
    letters = any(c.isalpha() for c in token.text)
    return letters and any(c.isdigit() for c in token.text) and _squeezed(token.text) == whole


def _said_words(claim: Statement, at: list[int]) -> str:
    return claim.text[claim.tokens[at[0]].start : claim.tokens[at[-1]].end]


def _value_relation(claim: Statement, mine: list[int], field: Field) -> Relation:
    value = read_statement(spell_value(field.value))
    whole = _squeezed(field.value)
    if whole and (
        _squeezed(_said_words(claim, mine)) == whole or any(_is_code(claim.tokens[at], whole) for at in mine)
    ):
        return Relation.SAME
    typed = [at for at in mine if claim.tokens[at].kind is not Kind.WORD]
    plain = [at for at in mine if claim.tokens[at].kind is Kind.WORD]
    if not typed:
        return _words_relation(claim, plain, value, field)
    met = match_words(claim, value)
    relations = {_compare(claim.tokens[at], value) for at in typed}
    if len(relations) > 1 or any(at not in met.at for at in plain):
        return Relation.UNKNOWN  # more is claimed than one field can say
    return relations.pop()


def _words_relation(claim: Statement, plain: list[int], value: Statement, field: Field) -> Relation:
    met = match_words(claim, value)
    if all(at in met.at for at in plain):
        return Relation.SAME
    squeezed = _squeezed(field.value)
    if all(_squeezed(claim.tokens[at].text) in squeezed and len(claim.tokens[at].text) > 1 for at in plain):
        return Relation.SAME
    places = _places_relation(claim, plain, value)
    if places is not None:
        return places
    for at in plain:
        if any(opposed(claim.tokens[at].lemma, o.lemma) is not Opposition.NONE for o in value.tokens if o.lemma):
            return Relation.CONFLICT
    return Relation.CONFLICT if _another_value(claim, plain, met.at, value) else Relation.UNKNOWN


def _places_relation(claim: Statement, plain: list[int], value: Statement) -> Relation | None:
    """A place against the places of the value; None if the claim names none."""
    token = claim.tokens[plain[0]]
    mine = claim.names[token.name].place if token.name >= 0 else None
    if mine is None or any(claim.tokens[at].name != token.name for at in plain):
        return None
    theirs = [name.place for name in value.names if name.place is not None]
    if any(lies_in(place, mine) for place in theirs):
        return Relation.SAME
    return Relation.CONFLICT if any(exclude(mine, place) for place in theirs) else Relation.UNKNOWN


def _another_value(claim: Statement, plain: list[int], met: dict[int, int], value: Statement) -> bool:
    """Whether both are bare names, or both codes, and share nothing: "Acme" for "OptiTech"."""
    if any(at in met for at in plain) or any("," in token.text for token in value.tokens):
        return False
    if all(claim.tokens[at].name >= 0 and claim.tokens[at].text.isalpha() for at in plain):
        return bool(value.names) and len({claim.tokens[at].name for at in plain}) == 1
    coded = [token for token in value.tokens if token.content]
    return len(plain) == 1 and len(coded) == 1 and _looks_coded(claim.tokens[plain[0]]) and _looks_coded(coded[0])


def _looks_coded(token: Token) -> bool:
    return any(c.isdigit() for c in token.text) and any(c.isalpha() for c in token.text)


def _label(claim: Statement, mine: list[int], relation: Relation) -> Label:
    denied = any(claim.tokens[at].negated for at in mine)
    return Label.SUPPORTED if (relation is Relation.SAME) != denied else Label.REFUTED


def _said_of_value(claim: Statement, mine: list[int], field: Field, said: frozenset[str]) -> bool:
    """Whether the claim's subject is the value and the rest is what the record is about: "Ross directed the film"."""
    subject = [at for at in mine if claim.tokens[at].subject and claim.tokens[at].name >= 0]
    rest = [at for at in mine if at not in subject]
    if not subject or not rest or any(claim.tokens[at].name < 0 or not claim.tokens[at].keys & said for at in rest):
        return False
    met = match_words(claim, read_statement(field.value))
    return all(at in met.at for at in subject)


def _about_other(claim: Statement, key_tokens: set[int], context: frozenset[str]) -> bool:
    """Whether the claim's subject is another field: "the children were born in ..." is not about the field "born"."""
    subject = [at for at in claim.content() if claim.tokens[at].subject]
    if any(at in key_tokens for at in subject):
        return False
    return any(claim.tokens[at].keys & context and claim.tokens[at].lemma not in _DOCUMENTS for at in subject)


def align_field(
    claim: Statement, field: Field, context: frozenset[str], said: frozenset[str] = frozenset()
) -> FieldFinding | None:
    """What the field says of the claim, or None if it is about something else.

    `context`: the keys of the words of all keys of the record; `said`: those of its title and values, by which a claim
    may name what the record is about.
    """
    if "net" in claim.text.lower():
        claim = read_statement(spell_value(claim.text))
    fit = _key_fit(claim, read_statement(field.key))
    if fit is None or not field.value:
        return None
    key_tokens, met = fit
    mine = _value_tokens(claim, key_tokens, context)
    all_mine = mine
    mine = [at for at in mine if not (claim.tokens[at].subject and claim.tokens[at].keys & said)] or mine
    if not mine:
        return None
    relation = _value_relation(claim, mine, field)
    rank = (met, -len(mine))
    other = _about_other(claim, key_tokens, context) or _said_of_value(claim, all_mine, field, said)
    if relation is Relation.CONFLICT and other:
        relation = Relation.UNKNOWN
    if relation is Relation.UNKNOWN:
        return FieldFinding(Label.NOT_ENOUGH_EVIDENCE, rank, 0.0, field, _said_words(claim, mine))
    label = _label(claim, mine, relation)
    strength = _SAME_STRENGTH if relation is Relation.SAME else _OTHER_STRENGTH
    return FieldFinding(label, rank, strength, field, _said_words(claim, mine))
