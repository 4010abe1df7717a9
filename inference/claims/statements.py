"""Questions and statements turned into one another's polarity: affirmed, denied.

`yes_no` takes a question apart at its auxiliary ("Does X allow Y" gives "X allows Y" and "X does not allow Y").
`deny` negates a statement that somebody else has put into words.
"""

import re
from dataclasses import dataclass

from inference.claims import lexicon as lex
from inference.claims import verbs
from inference.claims.phrases import Token, base_verb, finite_verb, is_adverb, predicate_start, tokens
from inference.claims.pronouns import is_plural
from inference.claims.slots import capitalised

_FULL_FORMS = {"ca": "can", "wo": "will", "sha": "shall", "ai": "is"}


@dataclass(frozen=True, slots=True)
class Polarity:
    """What "yes" and "no" say, without full stops, and the parts of the question: `topic` is the subject."""

    topic: str
    auxiliary: str
    predicate: str
    affirmed: str
    denied: str


def auxiliary_of(word: str) -> tuple[str, bool]:
    """The plain auxiliary of a word and whether it was negated: "isn't" is ("is", True); ("", False) if it is none."""
    lowered = word.lower().replace("’", "'")
    if lowered in verbs.AUXILIARIES:
        return lowered, False
    stem = lowered.removesuffix("n't") if lowered.endswith("n't") else lowered.removesuffix("not")
    if stem == lowered:
        return "", False
    stem = _FULL_FORMS.get(stem, stem)
    return (stem, True) if stem in verbs.AUXILIARIES else ("", False)


def yes_no(question: str) -> Polarity | None:
    """The two statements of a question that begins with an auxiliary; None if it does not, or cannot be split."""
    found = tokens(question)
    if len(found) < 2:
        return None
    auxiliary, _ = auxiliary_of(found[0].text)
    if not auxiliary:
        return None
    rest = found[1:]
    if rest[0].lower == "not":
        rest = rest[1:]
    verb = _verb_place(auxiliary, rest)
    if verb is None or verb >= len(rest):
        return None
    subject = question[rest[0].start : rest[verb - 1].end]
    predicate = question[rest[verb].start :].strip()
    return _polarity(subject, auxiliary, predicate)


def _verb_place(auxiliary: str, rest: list[Token]) -> int | None:
    if not rest:
        return None
    if rest[0].text in {'"', "“"}:  # a title in quotes is the whole subject
        closing = next((i for i in range(1, len(rest)) if rest[i].text in {'"', "”"}), None)
        return None if closing is None else closing + 1
    if auxiliary in verbs.BE:
        return predicate_start(rest)
    if auxiliary in verbs.HAVE:
        return _participle(rest) or predicate_start(rest)
    return base_verb(rest)


def _participle(rest: list[Token]) -> int | None:
    for i in range(1, len(rest)):
        word = rest[i].lower
        if verbs.is_participle(word) and not rest[i].is_capital and rest[i - 1].lower not in lex.DETERMINERS:
            return i - 1 if i > 1 and rest[i - 1].lower in lex.ADVERBS else i
    return None


def _polarity(subject: str, auxiliary: str, predicate: str) -> Polarity:
    plural = is_plural(subject)
    subject = capitalised(subject)
    doubled = re.match(r"not\s+", predicate, re.I)
    if doubled:
        positive = predicate[doubled.end() :]
        return Polarity(
            subject, auxiliary, predicate, f"{subject} {auxiliary} {predicate}", _affirm(subject, auxiliary, positive)
        )
    affirmed = _affirm(re.sub(r"^Any(?=\b|one\b|body\b|thing\b)", "Some", subject), auxiliary, predicate)
    return Polarity(subject, auxiliary, predicate, affirmed, _deny(subject, plural, auxiliary, predicate))


def _deny(subject: str, plural: bool, auxiliary: str, predicate: str) -> str:
    """The words of "no", which in English do not always stand at the verb."""
    first, _, others = subject.partition(" ")
    if first.lower() in {"all", "every", "each", "both"}:
        return f"Not {_affirm(subject[0].lower() + subject[1:], auxiliary, predicate)}"
    if first.lower() in {"any", "some"} and others:
        return f"No {_affirm(others, auxiliary, predicate)}"
    if first.lower() in {"anyone", "anybody", "anything"}:
        nobody = "Nothing" if first.lower() == "anything" else "No one"
        return f"{nobody}{subject[len(first) :]} {_affirm('', auxiliary, predicate).strip()}"
    if first == "There":
        counted = re.sub(r"^(?:an?|any|some)\s+", "no ", predicate, flags=re.I)
        return f"There {auxiliary} {counted if counted != predicate else 'not ' + predicate}"
    if auxiliary == "must":  # "must not" would forbid what "no" only does not demand
        return f"{subject} {'do' if plural else 'does'} not have to {_without_asking_words(predicate)}"
    negation = "cannot" if auxiliary == "can" else f"{auxiliary} not"
    return f"{subject} {negation} {_without_asking_words(predicate)}"


def _without_asking_words(predicate: str) -> str:
    """The predicate without the words that only a question has: "really", "ever"."""
    return re.sub(r"^(?:really|actually|indeed|ever)\s+", "", predicate, flags=re.I)


def _affirm(subject: str, auxiliary: str, predicate: str) -> str:
    predicate = _without_asking_words(predicate)
    if auxiliary not in verbs.DO:
        return f"{subject} {auxiliary} {predicate}"
    return f"{subject} {conjugated(auxiliary, predicate)}"


def conjugated(auxiliary: str, predicate: str) -> str:
    """The predicate with the form its auxiliary asks for: "does" and "allow pets" give "allows pets"."""
    found = tokens(predicate, 4)
    at = next((i for i, token in enumerate(found) if not is_adverb(token.lower)), None)
    if at is None:
        return predicate
    verb = found[at].text
    base = verb.lower() if verb.lower() in verbs.BASES else verb
    form = {"does": verbs.third_person, "did": verbs.past}.get(auxiliary)
    return predicate[: found[at].start] + (form(base) if form else verb) + predicate[found[at].end :]


def deny(statement: str) -> str:
    """The statement negated; "It is not true that ..." where its verb takes no "not"."""
    found = tokens(statement)
    at = finite_verb(found)
    if at is None:
        return f"It is not true that {statement}"
    verb = found[at]
    head, tail = statement[: verb.start], statement[verb.end :]
    after = found[at + 1].lower if at + 1 < len(found) else ""
    auxiliary, negated = auxiliary_of(verb.text)
    if negated:
        return f"{head}{auxiliary}{tail}"
    if not auxiliary or (auxiliary in verbs.HAVE | verbs.DO and not verbs.is_participle(after)):
        return f"It is not true that {statement}"
    if after == "not":
        return head + verb.text + re.sub(r"^\s+not\b", "", tail, count=1, flags=re.I)
    return f"{head}{'cannot' if auxiliary == 'can' else verb.text + ' not'}{tail}"
