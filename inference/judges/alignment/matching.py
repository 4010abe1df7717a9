"""Which words of a sentence say what the words of a claim say.

A word meets its own form, a synonym, an abbreviation, a place inside the place it names, or, for less, a relative of
the same root. Names meet as wholes. Dates and quantities are compared in `values`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from inference.judges.alignment.clauses import governing_verb
from inference.judges.alignment.lemma import lemma_set
from inference.judges.alignment.names import GENERIC, Name, same_name
from inference.judges.alignment.places import lies_in
from inference.judges.alignment.statement import Statement, sought_keys
from inference.judges.alignment.tokens import CONTENT_WEIGHT, Kind, Token

FULL, SYNONYM, RELATIVE, FROM_CONTEXT = 1.0, 0.97, 0.9, 0.9
"""How sure a meeting is: the word itself, another word for it, one of its family, one said a sentence before."""

_WHERE = frozenset(("in", "at", "to", "near", "into", "through", "across", "on"))
_LOCATIVE = frozenset(("in", "at", "on", "near", "from", ""))


@dataclass(slots=True)
class Matches:
    """For each token of the claim that was met, the token of the sentence (-1: its context) and how surely."""

    at: dict[int, int] = field(default_factory=dict)
    sure: dict[int, float] = field(default_factory=dict)

    def add(self, mine: int, theirs: int, sure: float) -> None:
        self.at[mine], self.sure[mine] = theirs, sure

    def drop(self, mine: int) -> None:
        self.at.pop(mine, None)
        self.sure.pop(mine, None)

    def taken(self) -> set[int]:
        return {place for place in self.at.values() if place >= 0}


def _candidates(token: Token, evidence: Statement) -> list[tuple[float, int]]:
    """The tokens that may say it: (how surely, where)."""
    found: dict[int, float] = {}
    for key in sought_keys(token):
        own = key.split("+")[0] == token.lemma or key.startswith("@")
        for place in evidence.index.get(key, ()):
            found[place] = max(found.get(place, 0.0), FULL if own else SYNONYM)
    if not found and token.root and not token.degree:
        found = dict.fromkeys(evidence.index.get("~" + token.root, ()), RELATIVE)
    return [
        (sure, place)
        for place, sure in found.items()
        if evidence.tokens[place].kind is Kind.WORD
        and not _only_there(token, evidence.tokens[place])
        and not (token.verb and evidence.tokens[place].name >= 0)  # nothing is built in "the Chrysler Building"
    ]


def _only_there(mine: Token, theirs: Token) -> bool:
    """ "French" is not said by "in France": who died there need not be of there."""
    if mine.lemma == theirs.lemma or not any(key.startswith("@") for key in mine.keys & theirs.keys):
        return False
    return (theirs.preposition in _WHERE) != (mine.preposition in _WHERE)


def said_by(claim: Statement, evidence: Statement, matches: Matches) -> dict[int, int]:
    """For each token of the sentence that the claim says too, the claim's token: every place, not only the best."""
    found = {theirs: mine for mine, theirs in matches.at.items() if theirs >= 0}
    for mine in matches.at:
        token = claim.tokens[mine]
        if token.content and token.kind is Kind.WORD:
            for _, place in _candidates(token, evidence):
                found.setdefault(place, mine)
    return found


def _best(token: Token, options: list[tuple[float, int]], evidence: Statement, taken: set[int]) -> tuple[float, int]:
    """The surest; among equals one not taken yet, of the same standing, the first."""

    def merit(option: tuple[float, int]) -> tuple[float, bool, bool, bool, int]:
        other = evidence.tokens[option[1]]
        alike = other.subject == token.subject, other.preposition == token.preposition
        return (option[0], option[1] not in taken, alike[0], alike[1], -option[1])

    return max(options, key=merit)


def match_words(claim: Statement, evidence: Statement) -> Matches:
    """Meets the words of the claim with those of the sentence, names as wholes."""
    matches, taken = Matches(), set[int]()
    for at, token in enumerate(claim.tokens):
        if not token.content or token.kind is not Kind.WORD:
            continue
        options = [o for o in _candidates(token, evidence) if not _only_part(claim, at, evidence, o[1])]
        if _repeated(claim, token):
            options = [option for option in options if option[1] not in taken]
        if options:
            sure, place = _best(token, options, evidence, taken)
            matches.add(at, place, sure)
            taken.add(place)
    for name in claim.names:
        _match_name(name, claim, evidence, matches)
    _drop_strays(claim, evidence, matches)
    return matches


def _only_part(claim: Statement, mine: int, evidence: Statement, theirs: int) -> bool:
    """A whale shark is no whale, half a byte no byte."""
    tokens, token = evidence.tokens, evidence.tokens[theirs]
    if token.name >= 0 or token.verb:
        return False
    return _modifies(claim, mine, tokens, theirs) or (_share_of(tokens, theirs) and not _share_of(claim.tokens, mine))


def _modifies(claim: Statement, mine: int, tokens: Sequence[Token], theirs: int) -> bool:
    """Whether the sentence's word only describes the noun of a subject, where it is the claim's noun itself."""
    if theirs + 1 >= len(tokens) or not tokens[theirs].subject or not claim.tokens[mine].subject:
        return False
    following = tokens[theirs + 1]
    noun = following.kind is Kind.WORD and following.subject and following.weight >= CONTENT_WEIGHT
    adjacent = following.start - tokens[theirs].end == 1 and following.preposition == tokens[theirs].preposition
    if not noun or not adjacent or following.lower.endswith(("ly", "ed", "ing", "able", "ible")):
        return False
    after = claim.tokens[mine + 1] if mine + 1 < len(claim.tokens) else None
    return after is None or after.verb or not after.content


def _share_of(tokens: Sequence[Token], at: int) -> bool:
    for token in reversed(tokens[max(0, at - 3) : at]):
        if token.quantity is not None:
            return token.quantity.unit == "ratio"  # a fraction in words, not a percentage
        if token.lower not in {"a", "an", "the", "of"}:
            return False
    return False


def _repeated(claim: Statement, token: Token) -> bool:
    """ "The left side controls the left side" needs two lefts."""
    return sum(other.lemma == token.lemma for other in claim.tokens) > 1


def _drop_strays(claim: Statement, evidence: Statement, matches: Matches) -> None:
    """ "Rises in the west" is not said by "rises in the east and sets in the west": the west hangs on another verb."""
    verbs = [at for mine, at in matches.at.items() if at >= 0 and claim.tokens[mine].verb and evidence.tokens[at].verb]
    if not verbs:
        return
    clauses, taken = {evidence.tokens[at].clause for at in verbs}, matches.taken()
    for mine, at in list(matches.at.items()):
        token = claim.tokens[mine]
        if at < 0 or token.subject or token.verb or token.name >= 0 or evidence.tokens[at].clause in clauses:
            continue
        verb = governing_verb(evidence.tokens, at)
        if verb is not None and verb not in taken and evidence.tokens[verb].weight >= CONTENT_WEIGHT:
            matches.drop(mine)


def _match_name(name: Name, claim: Statement, evidence: Statement, matches: Matches) -> None:
    parts = [at for at in name.tokens if claim.tokens[at].content]
    partner = next((other for other in evidence.names if same_name(name.words, other.words)), None)
    if partner is not None:
        _meet(parts, partner, claim, evidence, matches)
        return
    if all(at in matches.at for at in parts) and not _in_another_name(name, parts, evidence, matches):
        return
    for at in parts:
        matches.drop(at)
    _match_place(name, parts, claim, evidence, matches)


def _meet(parts: list[int], partner: Name, claim: Statement, evidence: Statement, matches: Matches) -> None:
    theirs = {evidence.tokens[i].lemma: i for i in partner.tokens}
    for at in parts:
        matches.add(at, theirs.get(claim.tokens[at].lemma, partner.tokens[-1]), FULL)


def _in_another_name(name: Name, parts: list[int], evidence: Statement, matches: Matches) -> bool:
    """Whether the words were met inside the name of something else: "Armstrong" in "Louis Armstrong"."""
    for at in parts:
        number = evidence.tokens[matches.at[at]].name
        if number >= 0 and not same_name(name.words, evidence.names[number].words):
            return not (evidence.tokens[matches.at[at]].keys & {"@" + name.place.name} if name.place else False)
    return False


def _match_place(name: Name, parts: list[int], claim: Statement, evidence: Statement, matches: Matches) -> None:
    """ "In France" is said by "in Paris"."""
    if name.place is None or name.place.kind == "city":
        return
    for other in evidence.names:
        token = evidence.tokens[other.tokens[0]]
        inside = other.place is not None and lies_in(other.place, name.place)
        mine = claim.tokens[name.tokens[0]].preposition
        inside = inside and mine in _LOCATIVE and bool(mine) == bool(token.preposition)
        if inside and not token.negated and token.preposition in _LOCATIVE and not token.subject:
            for at in parts:
                matches.add(at, other.tokens[0], SYNONYM)
            return


_WRITERS = lemma_set("study trial survey team group company author researcher")
"""Who or what "we" is in a text that somebody wrote."""


def match_context(
    claim: Statement, context: Mapping[str, int], evidence: Statement, matches: Matches, given: bool = False
) -> None:
    """Takes words of the claim's subject from the title and what was said before, if the sentence names none.

    `context` holds the keys said there: with 0 names and subjects, with 1 other words, which only describe a noun
    that was met. A sentence that names its own subject borrows none.
    """
    own = [at for at, t in enumerate(evidence.tokens) if t.subject and not t.clause and t.weight >= CONTENT_WEIGHT]
    said = {place for mine, place in matches.at.items() if claim.tokens[mine].subject}
    ours = given and any(t.subject and t.lower in {"we", "i"} for t in evidence.tokens)
    if not ours and any(at not in said or _whole_name(evidence, at) for at in own):
        return
    for at, token in enumerate(claim.tokens):
        if at in matches.at or not token.content or token.kind is not Kind.WORD or not token.subject:
            continue
        known = {context[key] for key in sought_keys(token) if key in context}
        if 0 in known or (given and known and at + 1 in matches.at) or (ours and token.lemma in _WRITERS):
            matches.add(at, -1, FROM_CONTEXT)


def _whole_name(evidence: Statement, at: int) -> bool:
    """ "The Tower" may be short for the tower of the title; a name in its own right is not."""
    number = evidence.tokens[at].name
    return number >= 0 and not evidence.names[number].words <= GENERIC
