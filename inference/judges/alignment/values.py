"""Which date or quantity of a sentence stands for the one in a claim, and what it says of it.

A sentence may hold several ("born in 69 BC and died in 30 BC"): the one nearest to the words around the claim's value
counts, in its own clause first.
"""

from dataclasses import dataclass, replace

from inference.judges.alignment.dates import Relation, compare_dates
from inference.judges.alignment.matching import FULL, Matches
from inference.judges.alignment.opposites import Opposition, opposed
from inference.judges.alignment.quantity import Bound, Quantity
from inference.judges.alignment.quantity_comparison import comparable, compare_quantities
from inference.judges.alignment.quantity_words import obliges
from inference.judges.alignment.statement import Statement, sought_keys
from inference.judges.alignment.tokens import Kind, Token
from inference.judges.alignment.vocabulary import word_set

_FAR = 1000
"""Farther than any two words of one clause are: another clause."""
_ATTRIBUTES = word_set("tall high long wide deep thick old heavy far away across diameter radius")


@dataclass(frozen=True, slots=True)
class ValueFinding:
    """What the evidence's value at `theirs` says of the claim's at `mine`."""

    mine: int
    theirs: int
    relation: Relation


def _attribute(statement: Statement, at: int) -> Token | None:
    following = statement.tokens[at + 1] if at + 1 < len(statement.tokens) else None
    if following is not None and following.lower == "in" and at + 2 < len(statement.tokens):
        following = statement.tokens[at + 2]  # "330 metres in height"
    return following if following is not None and (following.lower in _ATTRIBUTES or following.content) else None


def _same_attribute(claim: Statement, mine: int, evidence: Statement, theirs: int) -> bool:
    """Whether neither says "tall" where the other says "wide"."""
    one, other = _attribute(claim, mine), _attribute(evidence, theirs)
    if one is None or other is None:
        return True
    if not {one.lower, other.lower} <= _ATTRIBUTES or one.keys & other.keys:
        return True
    return opposed(one.lemma, other.lemma) is not Opposition.NONE


def _counts_something_else(claim: Statement, mine: int, evidence: Statement, theirs: int) -> bool:
    """Whether the sentence counts other things: "one sentence" where the claim says "110 words"."""
    one, other = _attribute(claim, mine), _attribute(evidence, theirs)
    if evidence.tokens[theirs].lower == "one" and (other is None or not other.content):
        return True  # "use one", "one of them": no count
    if one is None or other is None or not (one.content and other.content) or one.keys & other.keys:
        return False
    elsewhere = {place for key in sought_keys(one) for place in evidence.index.get(key, ())}
    return bool(elsewhere) and not elsewhere & {theirs + 1, theirs + 2, theirs + 3}


def _relation(claim: Statement, mine: int, evidence: Statement, theirs: int) -> Relation | None:
    one, other = claim.tokens[mine], evidence.tokens[theirs]
    if one.date is not None and other.date is not None:
        return compare_dates(one.date, other.date)
    if one.quantity is None or other.quantity is None or not comparable(one.quantity, other.quantity):
        return None
    if not _same_attribute(claim, mine, evidence, theirs) or _counts_something_else(claim, mine, evidence, theirs):
        return None
    return _compared(one.quantity, other.quantity, duty=obliges(evidence.tokens))


def _compared(claim: Quantity, evidence: Quantity, duty: bool) -> Relation:
    """In a duty the bound itself is the fact: who must do three days is not told by "at least two"."""
    relation = compare_quantities(claim, evidence)
    if claim.bound == evidence.bound and claim.bound in {Bound.LEAST, Bound.MOST}:
        return compare_quantities(_exact(claim), _exact(evidence))  # a stated deadline is a value
    if duty and claim.bound is Bound.EXACT and evidence.bound in {Bound.LEAST, Bound.MOST}:
        return compare_quantities(claim, _exact(evidence))
    looser = relation is Relation.SAME and claim.bound == evidence.bound != Bound.EXACT
    if duty and looser and compare_quantities(_exact(claim), _exact(evidence)) is Relation.CONFLICT:
        return Relation.CONFLICT
    return relation


def _exact(quantity: Quantity) -> Quantity:
    return replace(quantity, bound=Bound.EXACT)


def _anchors(claim: Statement, mine: int, matches: Matches) -> list[int]:
    """Where the sentence says the words that stand next to the claim's value."""
    order = sorted(
        (at for at in matches.at if matches.at[at] >= 0),
        key=lambda at: (claim.tokens[at].subject, abs(at - mine)),
    )
    places = [matches.at[at] for at in order]
    listed = [matches.at[at] for at in order if claim.tokens[at].subject and matches.at[at] > places[0]]
    return listed[-1:] or places[:2]  # "X was released in 2001, Y in 2009": Y stands behind the verb


def _distance(evidence: Statement, theirs: int, anchors: list[int]) -> int:
    if not anchors:
        return 0
    clause = evidence.tokens[theirs].clause
    return min(
        abs(theirs - a) + (1 if theirs < a else 0) + (0 if evidence.tokens[a].clause == clause else _FAR)
        for a in anchors[:1]
    )


def value_findings(claim: Statement, evidence: Statement, matches: Matches) -> list[ValueFinding]:
    """One finding for each date and quantity of the claim that has a counterpart; those that agree join `matches`."""
    found = []
    for mine, token in enumerate(claim.tokens):
        if token.kind not in {Kind.DATE, Kind.QUANTITY}:
            continue
        finding = _choose(claim, mine, evidence, matches)
        if finding is not None:
            found.append(finding)
    for finding in found:
        if finding.relation is Relation.SAME:
            matches.add(finding.mine, finding.theirs, FULL)
    return found


def _choose(claim: Statement, mine: int, evidence: Statement, matches: Matches) -> ValueFinding | None:
    options = [
        (theirs, relation)
        for theirs, token in enumerate(evidence.tokens)
        if token.kind is claim.tokens[mine].kind and (relation := _relation(claim, mine, evidence, theirs)) is not None
    ]
    if not options:
        return None
    named = _in_a_name(claim.tokens[mine], evidence)
    if named is not None:
        return ValueFinding(mine, named, Relation.SAME)
    alone = sum(token.kind is claim.tokens[mine].kind for token in claim.tokens) == 1
    grouped = _by_group(claim, mine, evidence, options) if len(options) > 1 and alone else None
    if grouped is not None:
        return ValueFinding(mine, *grouped)
    verbatim = _verbatim(claim, mine, evidence)
    if verbatim is not None:
        return ValueFinding(mine, verbatim, Relation.SAME)
    options = _without_baselines(claim, mine, evidence, options)
    anchors = _anchors(claim, mine, matches)
    preposition = claim.tokens[mine].preposition
    nearest = min(
        options,
        key=lambda o: (_distance(evidence, o[0], anchors) // _FAR, evidence.tokens[o[0]].preposition != preposition,
                       _distance(evidence, o[0], anchors)),
    )  # fmt: skip
    clause = evidence.tokens[nearest[0]].clause
    agreeing = [o for o in options if o[1] is Relation.SAME and evidence.tokens[o[0]].clause == clause]
    if anchors and anchors[0] > min(at for at, _ in options) and len(options) > 2:
        agreeing = [option for option in agreeing if option == nearest]
    if agreeing:
        return ValueFinding(mine, agreeing[0][0], Relation.SAME)
    if nearest[1] is Relation.CONFLICT and _encloses(evidence, mine, claim, [o[0] for o in options]):
        return ValueFinding(mine, nearest[0], Relation.UNKNOWN)
    return ValueFinding(mine, nearest[0], nearest[1])


def _in_a_name(token: Token, evidence: Statement) -> int | None:
    """Where the sentence writes the number inside a name: "interstate 225" without its capital."""
    same = (at for at, t in enumerate(evidence.tokens) if t.kind is Kind.WORD and t.name >= 0 and t.text == token.text)
    return next(same, None)


def _verbatim(claim: Statement, mine: int, evidence: Statement) -> int | None:
    """Where the sentence has the value between the same two words as the claim."""
    if not 0 < mine < len(claim.tokens) - 1:
        return None
    words = [token.lower for token in claim.tokens[mine - 1 : mine + 2]]
    tokens = evidence.tokens
    runs = (at for at in range(1, len(tokens) - 1) if tokens[at].lower == words[1])
    return next((at for at in runs if [t.lower for t in tokens[at - 1 : at + 2]] == words), None)


def _by_group(
    claim: Statement, mine: int, evidence: Statement, options: list[tuple[int, Relation]]
) -> tuple[int, Relation] | None:
    """ "14% on drug A and 6% on placebo": the value beside the words that only one of them has.

    The group stands behind its value, unless nothing stands behind the last one. None if the words do not tell.
    """
    places = [at for at, _ in options]
    compound = any(evidence.text[evidence.tokens[at].end :][:1] == "-" for at in places)  # "five-pin bowling"
    if compound or len({evidence.tokens[at].clause for at in places}) > 1:
        return None
    stretches = _stretches(evidence, places)
    if not all(any(_tells(evidence.tokens[at], evidence, places) for at in stretch) for stretch in stretches):
        return None
    shared = _shared_prepositions(evidence, stretches)
    votes = set()
    for at, token in enumerate(claim.tokens):
        if (
            at == mine
            or not token.content
            or token.kind is not Kind.WORD
            or token.verb
            or _counted(token, evidence, places)
        ):
            continue
        said = {place for key in sought_keys(token) for place in evidence.index.get(key, ())}
        said = {place for place in said if not shared or evidence.tokens[place].preposition in shared}
        holding = [number for number, stretch in enumerate(stretches) if said & set(stretch)]
        if len(holding) == 1 and all(any(place in stretch for stretch in stretches) for place in said):
            votes.add(holding[0])
    return options[votes.pop()] if len(votes) == 1 else None


def _stretches(evidence: Statement, places: list[int]) -> list[range]:
    """The words that belong to each value."""
    clause = evidence.tokens[places[0]].clause
    inside = [at for at, token in enumerate(evidence.tokens) if token.clause == clause]
    behind = [at for at in inside if at > places[-1] and _tells(evidence.tokens[at], evidence, places)]
    if behind:
        return [range(at + 1, end) for at, end in zip(places, [*places[1:], inside[-1] + 1], strict=True)]
    return [range(begin + 1, at) for begin, at in zip([inside[0] - 1, *places[:-1]], places, strict=True)]


def _tells(token: Token, evidence: Statement, places: list[int]) -> bool:
    """Whether a word can say which group a value is of."""
    return token.kind is Kind.WORD and token.content and not token.verb and not _counted(token, evidence, places)


def _shared_prepositions(evidence: Statement, stretches: list[range]) -> set[str]:
    """ "of patients on drug A and ... on placebo": what is "on" tells the groups apart."""
    used = [{evidence.tokens[at].preposition for at in stretch} for stretch in stretches]
    return set.intersection(*used) - {""}


def _counted(token: Token, evidence: Statement, places: list[int]) -> bool:
    quantities = [q for at in places if (q := evidence.tokens[at].quantity) is not None]
    return any(token.lemma in q.counted or token.lemma == q.noun for q in quantities)


_BASELINE_WORDS = word_set("from versus vs")


def _without_baselines(
    claim: Statement, mine: int, evidence: Statement, options: list[tuple[int, Relation]]
) -> list[tuple[int, Relation]]:
    """ "Fell to 2 from 3", "9, compared with 8 a year before": what it was is not what it is."""
    if claim.tokens[mine].kind is not Kind.QUANTITY or _is_baseline(claim, mine):
        return options
    if {token.lower for token in claim.tokens} & _EARLIER:
        return options
    return [option for option in options if not _is_baseline(evidence, option[0])] or options


_EARLIER = word_set("earlier previously before previous last formerly used")


def _is_baseline(statement: Statement, at: int) -> bool:
    before = statement.tokens[at - 1].lower if at else ""
    compared = at > 1 and statement.tokens[at - 2].lower == "compared" and before in {"with", "to"}
    return before in _BASELINE_WORDS or compared


def _encloses(evidence: Statement, mine: int, claim: Statement, places: list[int]) -> bool:
    """Whether two dates of the sentence stand around the claim's: "in 1888" and "between 1887 and 1889"."""
    dated = claim.tokens[mine].date
    if dated is None or dated.readings[0].year is None:
        return False
    clause = evidence.tokens[places[0]].clause
    if any(evidence.tokens[at].clause != clause for at in places):
        return False
    years = [d.readings[0].year for at in places if (d := evidence.tokens[at].date) and d.readings[0].year is not None]
    return len(years) > 1 and min(years) < dated.readings[0].year < max(years)
