"""A pronoun at the start of a sentence, replaced by what it stands for where that is plain.

The noun comes from the subject of the claim before or of the question. Where number or person do not fit, or "it" is
an empty word ("It is known that"), the sentence stays as it is.
"""

import re

from inference.claims import lexicon as lex
from inference.claims.phrases import Token, tokens
from inference.claims.slots import capitalised

_LEADING = re.compile(
    r"(?P<subject>it|he|she|they|this|that)(?P<short>\s?['’](?:s|re|ll|d|ve))?(?=\s+(?P<after>[^\s,.;:]+))|"
    r"(?P<owner>its|his|her|their)(?=\s+\w)",
    re.I,
)
_TRAILING = re.compile(r"\w+ (it|him|her|them)(?=[.!]?\Z|,| in \d| on \w+ \d)", re.I)
_EMPTY_IT = re.compile(
    r"it(?:['’]s| is| was| has been| had been| seems| appears| would be| may be| can be| could be| takes| took| "
    r"would take)\s+(?:(?:not|also|now|\w+ly|often|well)\s+)*"
    r"(?:(?:believed|known|thought|said|estimated|reported|true|false|clear|possible|impossible|likely|unlikely|"
    r"important|necessary|hard|easy|difficult|"
    r"common|rare|illegal|legal|safe|assumed|expected|recommended|required|noted|claimed|considered|argued|"
    r"suggested|a myth|a fact|a misconception)"
    r"\s+(?:that|to|for|whether|how|why|when|what|who)\b|worth\b|important\b|raining|snowing|\w+ (?:years|days|"
    r"hours|minutes|months|weeks)\b)",
    re.I,
)
_WHOLE_MATTER = re.compile(
    r"(?:this|that)(?:['’]s| is| was| are)\s+(?:not |also |just |actually |simply |only )?(?:an? )?(?:\w+ "
    r")?(?:myth|misconception|error|mistake|fact|true|false|correct|incorrect|right|wrong|because|"
    r"due|why|what|how|when|where|the (?:case|reason|result|answer)|impossible|possible)\b|(?:this|"
    r"that)\s+(?:means?|meant|happens?|happened|results?|occurs?|implies|depends|includes|may|can|could|might|"
    r"helps?|allows?|makes? (?:it )?(?:possible|easy))\b",
    re.I,
)
_VERBS_AFTER_THIS = re.compile(
    r"(?:is|was|has|had|does|did|will|would|can|could|stands|lies|contains|became|uses|covers)\b", re.I
)
_LONG_FORMS = {"s": "is", "re": "are", "ll": "will", "d": "would", "ve": "have"}


def resolved(text: str, antecedent: str) -> str:
    """`text` with its leading pronoun replaced by `antecedent`, or as it was."""
    found = _LEADING.match(text)
    if found is None or not antecedent or antecedent.lower() in lex.PRONOUNS | _NO_NOUNS:
        return text
    if found["owner"]:
        if not agrees(_SUBJECT_OF[found["owner"].lower()], antecedent):
            return text
        return capitalised(possessive(antecedent) + text[found.end() :])
    pronoun = found["subject"].lower()
    if not agrees(pronoun, antecedent) or _is_empty(text, pronoun, found["after"], bool(found["short"])):
        return text
    short = (found["short"] or "").strip()
    long_form = ""
    if short:
        long_form = " " + _LONG_FORMS[short[1:].lower()]
        if short[1:].lower() == "s" and re.match(r"(?:been|had|got)\b", found["after"], re.I):
            long_form = " has"
    return capitalised(antecedent + long_form + text[found.end() :])


def leading(text: str) -> str:
    """The pronoun that the text begins with, as a subject: "it" for "its"; "" if there is none."""
    found = _LEADING.match(text) or re.match(r"(?P<subject>these|those)\b", text, re.I)
    if found is None:
        return ""
    said = found.groupdict()
    return _SUBJECT_OF[said["owner"].lower()] if said.get("owner") else said["subject"].lower()


def object_resolved(text: str, antecedent: str) -> str:
    """`text` with the pronoun at its end replaced: "Anna Holm built it." after "Who built the tower?"."""
    found = _TRAILING.search(text)
    if found is None or not antecedent or not agrees(_SUBJECT_OF[found[1].lower()], antecedent):
        return text
    return text[: found.start(1)] + antecedent + text[found.end(1) :]


_TEXTS = lex.word_set(
    "document text article summary claim statement context passage following sentence paragraph excerpt question "
    "answer response above below given"
)
_COUNTING_WORDS = frozenset({"no", "none", "each", "every", "any", "nobody", "nothing", "neither"})
_NO_NOUNS = frozenset(
    {"him", "her", "them", "me", "us", "this", "that", "these", "those", "some", "all", "none", "one"}
)
_SUBJECT_OF = {"it": "it", "its": "it", "his": "he", "him": "he", "her": "she", "their": "they", "them": "they"}


def gender_of(text: str) -> str:
    """ "he" or "she" if the text begins with one, or with "his" or "her"; else ""."""
    found = _LEADING.match(text)
    if found is None:
        return ""
    pronoun = _SUBJECT_OF[found["owner"].lower()] if found["owner"] else found["subject"].lower()
    return pronoun if pronoun in {"he", "she"} else ""


def can_be_meant(noun: str) -> bool:
    """Whether a later pronoun is likely to mean this noun phrase: not "no refunds", "Ada's father" or "the text"."""
    words = noun.lower().split()
    return (
        bool(words)
        and "'s " not in noun.replace("’", "'")
        and words[0] not in _COUNTING_WORDS
        and not is_text_under_test(noun)
    )


def is_text_under_test(noun: str) -> bool:
    """Whether it names what was given to be read or checked ("the document", "this claim"), never what is told of."""
    words = [token.lower for token in tokens(noun) if token.is_word]
    head = next((i for i, word in enumerate(words) if i and word in lex.PREPOSITIONS), len(words))
    return bool(words) and (words[head - 1].removesuffix("s") in _TEXTS or words[0] in _TEXTS)


def of_the_speaker(noun: str) -> bool:
    """Whether it belongs to who says it, so that it is nobody's in an answer: "my sister"."""
    return re.match(r"(?:my|your|our|i|you|we)\b", noun, re.I) is not None


def possessive(noun: str) -> str:
    """The noun as an owner: "Switzerland" gives "Switzerland's"."""
    return noun + ("'" if noun.endswith("s") and is_plural(noun) else "'s")


def _is_empty(text: str, pronoun: str, after: str, short: bool) -> bool:
    if pronoun == "it":
        return _EMPTY_IT.match(text) is not None
    if pronoun in {"this", "that"}:
        return not (short or _VERBS_AFTER_THIS.match(after)) or _WHOLE_MATTER.match(text) is not None
    return False


def is_plural(noun: str) -> bool:
    """Whether a noun phrase takes "they"."""
    words = [token for token in tokens(noun) if token.is_word]
    if not words:
        return False
    if any(word.lower == "and" for word in words):
        return True
    head = next(
        (words[i - 1] for i, word in enumerate(words) if i and word.lower in {"of", "in", "at", "for", "from"}),
        words[-1],
    )
    last = head.lower
    if words[0].lower in {"these", "those", "many", "most", "all", "some", "few", "several", "both"}:
        return True
    return last in {"people", "men", "women", "children", "mice", "police"} or (
        last.endswith("s")
        and not last.endswith(("ss", "us", "is", "as", "os"))
        and not (head.is_capital and len(words) == 1)
        and words[0].lower not in {"a", "an"}
    )


def agrees(pronoun: str, noun: str) -> bool:
    """Whether the pronoun can stand for the noun."""
    words = [token for token in tokens(noun) if token.is_word]
    if not words:
        return False
    if pronoun == "they":
        return is_plural(noun)
    if pronoun in {"he", "she"}:
        named = words[-1].is_capital and words[0].lower not in lex.DETERMINERS  # "Ada", not "the Eiffel Tower"
        return not is_plural(noun) and (named or _is_person(words))
    if words[0].lower in _TITLES or _is_person(words):
        return False
    if noun.islower() and words[0].lower not in lex.DETERMINERS:
        return False  # written without capitals, it may be anybody's name
    return not is_plural(noun) or all(word.is_capital for word in words)


def _is_person(words: list[Token]) -> bool:
    """Whether a noun phrase names a person by what they are: "the king", "my sister", "a former baker"."""
    head = next((words[i - 1] for i, word in enumerate(words) if i and word.lower in lex.PREPOSITIONS), words[-1])
    noun = head.lower
    return noun in _PERSONS or (noun.endswith(_PERSON_ENDINGS) and noun not in _NO_PERSONS)


_PERSONS = lex.word_set(
    "man woman boy girl child baby father mother dad mom mum parent brother sister son daughter uncle aunt cousin "
    "nephew niece husband wife friend boyfriend girlfriend king queen prince princess president minister mayor judge "
    "doctor nurse teacher author actor actress singer writer painter player coach captain striker goalkeeper fan "
    "midfielder defender driver officer soldier student pupil patient lawyer victim suspect poet pope bishop priest "
    "chef guest thief teenager pensioner grandmother grandfather founder owner director manager leader boss star hero "
    "champion winner person lady gentleman guy kid partner colleague neighbour neighbor tenant landlord employee "
    "worker customer buyer seller"
)
_PERSON_ENDINGS = ("man", "woman", "ist", "ician", "ologist", "year-old")
_NO_PERSONS = lex.word_set(
    "human german roman ottoman talisman list mist twist wrist exist coexist consist resist assist"
)
_TITLES = lex.word_set("dr mr mrs ms miss prof professor sir lord king queen president pope saint captain general")
