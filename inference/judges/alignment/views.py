"""A sentence said in smaller sentences: its clauses one by one, and the facts that it only names in passing.

"The company opened a shop and closed a depot" is two statements about the company. `Anna Berg ("Tenant")` and "Anna
Berg, the tenant," say who the tenant is. What somebody "noted that" is a statement too. The views are new texts: their
offsets are not those of the passage, and a quote is always of the sentence they come from.
"""

import re
from collections.abc import Sequence

from inference.judges.alignment.clauses import starts_relative
from inference.judges.alignment.lemma import is_participle
from inference.judges.alignment.statement import Statement, read_statement
from inference.judges.alignment.tokens import CONTENT_WEIGHT, Token
from inference.judges.alignment.verbs import AUXILIARIES, COPULAS
from inference.judges.alignment.vocabulary import word_set

_VIEWS_MAX = 12
"""A sentence of more statements is a list; the whole sentence is read as well."""
_STATES = word_set("; , and but because while whereas although though however yet")
"""What opens a statement of its own. A relative clause or a condition stays with what it hangs on."""
_PRONOUNS = word_set("he she it they we i you this that these those who which")


def views(statement: Statement) -> tuple[Statement, ...]:
    """The smaller statements of a sentence, without the sentence itself. Linear in its length."""
    texts = [*_clauses(statement), *_naming(statement.text)]
    said = _reported(statement.text)
    if said:
        texts += [said, *_clauses(read_statement(said))]
    texts = [text for text in dict.fromkeys(texts) if text.rstrip(".") != statement.text.rstrip(".")]
    return tuple(read_statement(text) for text in texts[:_VIEWS_MAX])


def _clauses(statement: Statement) -> list[str]:
    groups = _groups(statement)
    if len(groups) < 2:
        return []
    return [text for at, group in enumerate(groups) if (text := _clause_text(statement, groups[:at], group))]


def _groups(statement: Statement) -> list[list[Token]]:
    """The tokens of each statement, without the word that opens it."""
    groups: list[list[Token]] = [[]]
    clause = 0
    for token in statement.tokens:
        if token.clause != clause:
            clause = token.clause
            if token.lower in _STATES and _states(statement, clause):
                groups.append([])
                continue
        groups[-1].append(token)
    return [group for group in groups if group]


def _states(statement: Statement, clause: int) -> bool:
    inside = [token for token in statement.tokens if token.clause == clause]
    verb = any(token.verb and not token.lower.endswith("ing") for token in inside)
    return verb and not starts_relative(statement.tokens, clause)


def _clause_text(statement: Statement, before: Sequence[Sequence[Token]], group: Sequence[Token]) -> str:
    while group and not group[0].text[0].isalnum() and group[0].text not in "$£€":
        group = group[1:]
    if group and group[0].lower in _STATES:
        group = group[1:]
    if not group:
        return ""
    text = statement.text[group[0].start : group[-1].end]
    if any(token.subject and (token.content or token.lower in _PRONOUNS) for token in group):
        return text
    lead = next((lead for earlier in reversed(before) if (lead := _lead(statement, earlier, group))), "")
    return f"{lead} {text}" if lead else "" if before else text


def _lead(statement: Statement, earlier: Sequence[Token], group: Sequence[Token]) -> str:
    """The subject that a clause takes over from an earlier one, with the "was" that it shares."""
    subject = [token for token in earlier if token.subject]
    if not any(token.weight >= CONTENT_WEIGHT or token.lower in _PRONOUNS for token in subject):
        return ""
    verb = next(token for token in group if token.verb) if any(token.verb for token in group) else None
    negated = any(token.negated for token in earlier if token.verb)
    if verb is None or (negated and verb.lower not in AUXILIARIES):
        return ""
    first = subject[0] if subject[0].text[0].isalnum() else subject[-1]
    lead = statement.text[first.start : subject[-1].end]
    shared = next((token.text for token in earlier if token.lower in COPULAS and token.verb), "")
    return f"{lead} {shared}" if shared and _shares(group, verb) else lead


def _shares(group: Sequence[Token], verb: Token) -> bool:
    """Whether a clause is passive as the one before it: "was founded in 1900 and closed in 1950"."""
    at = next(place for place, token in enumerate(group) if token is verb)
    following = group[at + 1] if at + 1 < len(group) else None
    return is_participle(verb.lower) and (following is None or bool(following.preposition) or not following.content)


_REPORTED = re.compile(
    r"^[^.;:]{2,80}?\s(?:said|says|noted?|notes|stated?|states|reported|reports?|found|finds?|announced|confirmed"
    r"|confirms?|showed|shows?|added|adds|explained|explains|emphasi[sz]ed?|reminded (?:everyone|all|staff))\s"
    r"(?:that\s|(?=the\s|it\s))",
    re.I,
)


def _reported(text: str) -> str:
    """What is said behind "the authors note that"."""
    match = _REPORTED.match(text)
    return text[match.end() :] if match else ""


_NAME = r"(?<![\w'’&.-])[A-Z][\w'’&.-]{0,30}(?:\s(?:(?:of|de|van|von|and|&)\s)?[A-Z][\w'’&.-]{0,30}){0,5}"
_DEFINED = re.compile(
    rf"({_NAME})(?:,[^,()]{{1,60}},?)?\s?\((?:hereinafter |hereafter )?(?:the |an? )?[\"“']([\w ]{{2,40}})[\"”']\)"
)
_BRACKETED = re.compile(rf"({_NAME})\s\((?:the |our |an? )?([a-z]{{2,30}}(?:[ -][a-z]{{1,30}}){{0,3}})\)")
_ROLE_WORDS = (
    "tenant landlord director manager chair chairman chairwoman chairperson president treasurer secretary mayor "
    "executive minister leader founder author owner editor coach captain principal head teacher engineer officer "
    "accountant spokesperson spokesman spokeswoman ceo cfo cto analyst governor professor doctor physician nurse "
    "lawyer "
    "attorney buyer seller client customer supplier contractor architect designer curator coordinator supervisor "
    "administrator inspector commissioner chancellor judge prosecutor witness plaintiff defendant borrower lender "
    "employer employee trustee assistant partner representative ambassador headteacher investigator host organiser "
    "organizer surgeon librarian trainer"
)
_ROLE_END = rf"(?:{'|'.join(_ROLE_WORDS.split())})"
_ROLE = rf"(?<![A-Za-z-])(?:[A-Za-z]{{1,30}}[ -]){{0,2}}{_ROLE_END}(?![A-Za-z])"
_APPOSED = re.compile(
    rf"({_NAME}),\s(?:(?:the|our|their|its|a|an)\s)?((?i:{_ROLE})(?:\s(?:of|for|at)\s[\w ]{{2,40}})?)(?=[,.;)]|$)"
)
_NAMED_AFTER = re.compile(rf"((?i:{_ROLE})),?\s(?:is\s|was\s)?({_NAME})")


def _naming(text: str) -> list[str]:
    """Who is what, where the sentence only says it in passing."""
    found = [f"The {role.lower()} is {name}." for name, role in _pairs(_DEFINED, text)]
    found += [f"The {role} is {name}." for name, role in _pairs(_BRACKETED, text)]
    found += [f"The {role} is {name}." for name, role in _pairs(_APPOSED, text)]
    return found + [f"The {_trimmed(role)} is {name}." for role, name in _pairs(_NAMED_AFTER, text)]


def _pairs(pattern: re.Pattern[str], text: str) -> list[tuple[str, str]]:
    return [(match[1].rstrip("."), match[2].rstrip(".")) for match in pattern.finditer(text)][:_VIEWS_MAX]


def _trimmed(role: str) -> str:
    """The role without what stood before it: "and chief executive" is "chief executive"."""
    words = role.split()
    while len(words) > 1 and words[0].lower() in _FILLERS:
        words = words[1:]
    return " ".join(words).lower()


_FILLERS = word_set("the a an and or of our its their his her by from with to for said while but when is was as that")
