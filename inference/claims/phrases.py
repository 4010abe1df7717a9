"""Where the subject of a sentence ends and its verb begins.

Rules over word lists, so an answer can be "not found": the callers then leave the sentence alone. Only the first
`TOKENS_READ_MAX` words of a sentence are looked at, so that the cost of a long one is bounded.
"""

import re
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from inference.claims import lexicon as lex
from inference.claims import verbs

TOKENS_READ_MAX = 80  # words; subject and verb of anything readable come earlier
SUBJECT_WORDS_MAX = 10  # a longer stretch before the verb is more than a noun phrase
SUBJECT_CHARS_MAX = 100  # bounds what a pronoun can be replaced with

# A short form that a tokenizer cut off ("It 's", "do n't") belongs to its word.
_CUT_OFF = re.compile(r"(?<=\w) (?=(?:n['’]?t|['’](?:s|re|m|ve|ll|d))(?!\w))", re.I)
_TOKEN = re.compile(
    r"[^\W_]+(?:['’.,/+-][^\W_]+)*(?: (?:n['’]?t|['’](?:s|re|m|ve|ll|d))(?![^\W_]))?[%°]?|[,;:()\"“”–—]"
)
_CONTRACTED = re.compile(
    r"(?:it|he|she|that|there|here|who|what|where|this|they|we|you|i)['’](?:s|re|m|ve|ll|d)\Z", re.I
)
_NEGATED = re.compile(r"(?:is|are|was|were|do|does|did|has|have|had|ca|could|wo|would|should|must|might)n['’]t\Z", re.I)
_DESCRIBING = lex.word_set(
    "located situated based known called named born composed considered used found made built written"
)
_SUBORDINATE = lex.RELATIVES | {"because", "although", "though", "whereas", "while", "if", "unless"}
_INTRODUCTION = re.compile(
    r"(?:in|on|at|by|from|during|since|after|before|for|with|as of|today|currently|originally|until)\b[^,]{0,80},\s+",
    re.I,
)


_BEFORE_PARTICIPLE = lex.word_set("not still already more most less least very quite too so once newly well")


class Token(NamedTuple):
    """A word or a comma-like mark, and where it stands."""

    text: str
    start: int
    end: int

    @property
    def lower(self) -> str:
        return self.text.lower().replace("’", "'").replace(" ", "")

    @property
    def is_word(self) -> bool:
        return self.text[0].isalnum()

    @property
    def is_capital(self) -> bool:
        return self.text[0].isupper()


def rejoined(text: str) -> str:
    """`text` with the short forms that a tokenizer cut off put back: "do n't" is "don't"."""
    return _CUT_OFF.sub("", text)


def tokens(text: str, at_most: int = TOKENS_READ_MAX) -> list[Token]:
    """The first `at_most` words and marks of `text`."""
    return [Token(m.group(), m.start(), m.end()) for m in islice(_TOKEN.finditer(text), at_most)]


_PLAIN_VERBS = verbs.BASES - verbs.AMBIGUOUS


def finite_verb(found: Sequence[Token]) -> int | None:
    """The place of the first verb that makes a sentence of these words; None if there is none.

    The verb of a subordinate clause ("Sydney, which is large", "Rome, because it is old") does not count.
    """
    subordinate, begun = False, len(found)
    for i, token in enumerate(found):
        if i > 0 and token.lower in _SUBORDINATE and not token.is_capital and not _is_a_while(found, i):
            subordinate, begun = True, i
        elif token.text == "," and subordinate and i > begun + 1:
            subordinate = False  # "Even if it zorbs, it is ..."
        elif is_finite(found, i):
            if not subordinate:
                return i
            subordinate = False
        elif i > begun + 2 and token.lower in _PLAIN_VERBS and _is_plural(found[0].lower):
            return i  # "Employees who use a car receive ..."
    return None


def _is_a_while(found: Sequence[Token], i: int) -> bool:
    return found[i].lower == "while" and found[i - 1].lower in lex.ARTICLES


def is_finite(found: Sequence[Token], i: int) -> bool:
    """Whether the word at `i` is a finite verb with something before it that can be its subject."""
    word = found[i].lower
    if _CONTRACTED.match(word) or (_NEGATED.match(word) and i > 0):
        return True
    if i == 0 or not found[i].is_word:
        return False
    if word in verbs.AUXILIARIES or word in {"cannot"}:
        return not (found[i].is_capital and word in {"may", "will"}) and found[i - 1].lower not in lex.ARTICLES | {"to"}
    if found[i].is_capital or found[i - 1].lower == "to":
        return False
    return _is_main_verb(found, i, word)


def _is_main_verb(found: Sequence[Token], i: int, word: str) -> bool:
    before, after = found[i - 1], found[i + 1] if i + 1 < len(found) else None
    if word in verbs.PAST_ONLY:
        return before.lower not in lex.ARTICLES
    i = _with_adverbs(found, i)  # "Birds usually eat", "I also miss"
    before = found[i - 1]
    base = verbs.third_persons().get(word)
    if base is not None:
        if base not in verbs.AMBIGUOUS:
            return True
        can_end = _can_end_subject(before) or _is_numbered(found, i)
        return can_end and (_can_follow_verb(after) or _takes_object(found, i))
    if word in verbs.BASES and _is_base_of_plural(found, i, word, after):
        return True
    return _is_past(found, i, word, after)


def _is_base_of_plural(found: Sequence[Token], i: int, word: str, after: Token | None) -> bool:
    """Whether a base form is the verb, as it is of a plural: "Camels store fat"."""
    before = found[i - 1]
    if before.lower in {"i", "you", "we", "they"}:
        return True
    if _is_plural(before.lower):
        if word not in verbs.AMBIGUOUS or (_can_follow_verb(after) and (after is not None or i == 1)):
            return True
        counted = i <= _COUNTED_SUBJECT_WORDS_MAX and found[0].lower in _COUNTING
        return (i == 1 or counted) and len(found) >= _STATEMENT_TOKENS_MIN and after is not None and after.is_word
    if _has_plural_head(found, i):
        return word not in verbs.AMBIGUOUS or (after is not None and _can_follow_verb(after))
    return False


def _is_past(found: Sequence[Token], i: int, word: str, after: Token | None) -> bool:
    """Whether a form of the past that can be something else too is the verb."""
    before = found[i - 1]
    if word in verbs.PAST_LIKE_OTHERS and _can_end_subject(before):
        return after is not None and _can_follow_verb(after)
    if word == "used" and after is not None and after.lower == "to":
        return before.lower not in verbs.BE
    if word in verbs.PAST_OR_PARTICIPLE or (word.endswith("ed") and verbs.is_participle(word)):
        return _is_past_tense(found, i, after)
    return False


def _has_plural_head(found: Sequence[Token], i: int) -> bool:
    """Whether a plural noun with words behind it stands before this word: "The signs of it | come"."""
    if found[0].lower in lex.PREPOSITIONS or not _can_end_subject(found[i - 1]):
        return False
    at = next((j for j in range(1, i) if found[j].lower in lex.PREPOSITIONS or found[j].lower.endswith("ing")), None)
    plain = all(found[j].is_word and found[j].lower not in _SUBORDINATE for j in range(i))
    return at is not None and plain and _is_plural(found[at - 1].lower)


def _is_numbered(found: Sequence[Token], i: int) -> bool:
    """Whether a thing with a number stands before this word: "Item 7 costs", not "7 costs"."""
    return i >= 2 and found[i - 1].text.isdigit() and found[i - 2].is_capital


def _takes_object(found: Sequence[Token], i: int) -> bool:
    """Whether "pays" in "The landlord pays electricity" is the verb: one thing before it, another thing behind it."""
    subject, behind = found[:i], found[i + 1 : i + 2]
    if not behind or not behind[0].is_word or behind[0].lower in lex.CONJUNCTIONS or _is_plural(subject[-1].lower):
        return False
    return (i <= 2 or (i == 3 and subject[0].lower in lex.DETERMINERS)) and not any(
        token.lower in lex.PREPOSITIONS for token in subject
    )


def _is_past_tense(found: Sequence[Token], i: int, after: Token | None) -> bool:
    """Whether "built" or "invented" is the verb, not a participle that describes the noun before it."""
    before = found[i - 1]
    if before.lower in (lex.DETERMINERS - {"both", "all", "each"}) | lex.PREPOSITIONS | _BEFORE_PARTICIPLE:
        return False
    if not before.is_word and _closes_apposition(found, i - 1):
        return after is not None and after.is_word and after.lower not in lex.PREPOSITIONS
    if not before.is_word or (after is not None and after.lower == "by"):
        return False
    named = (token.is_capital or token.text[0].isdigit() or token.lower in {"and", "of", "both"} for token in found[:i])
    if all(named) and found[0].lower not in lex.DETERMINERS - {"both"}:
        return True
    if found[i].lower in _DESCRIBING:
        return after is not None and after.lower not in lex.PREPOSITIONS
    if after is None:
        return _is_plural(before.lower) or before.lower in lex.PRONOUNS
    return after.is_word


def _closes_apposition(found: Sequence[Token], at: int) -> bool:
    """Whether the mark at `at` is the second of two commas or brackets: "Gregory, a pope, played no part"."""
    if found[at].text == ")":
        return any(token.text == "(" for token in found[:at])
    return found[at].text == "," and sum(token.text == "," for token in found[:at]) == 1 and found[0].text != ","


def _can_end_subject(token: Token) -> bool:
    return (
        token.is_word
        and not token.text[0].isdigit()
        and token.lower
        not in (lex.DETERMINERS | lex.PREPOSITIONS | lex.CONJUNCTIONS | lex.SUBORDINATORS)
        | (lex.ADJECTIVES - _ALSO_SUBSTANCES)
    )


def _can_follow_verb(token: Token | None) -> bool:
    if token is None:
        return True
    return (
        token.lower in lex.DETERMINERS | lex.PREPOSITIONS | lex.ADVERBS | lex.PRONOUNS | lex.SUBORDINATORS
        or token.lower in {"him", "her", "them", "us"}
        or token.is_capital
        or token.text[0].isdigit()
        or token.lower in lex.NUMBER_WORDS
    )


_COUNTING = lex.word_set("some many most all few several these those both our their your my his her no")
_COUNTED_SUBJECT_WORDS_MAX = 3  # "Some old people study books"
_STATEMENT_TOKENS_MIN = 4  # "Camels store fat there" states something, "Sales report" may be a name
_ALSO_SUBSTANCES = frozenset({"light", "cold", "dark", "gold", "silver", "human", "liquid", "solid"})
# Adjectives that can be what a sentence is about: "Light travels".


def _is_plural(word: str) -> bool:
    return word in {"people", "men", "women", "children", "they", "we", "mice", "feet", "geese"} or (
        word.endswith("s") and not word.endswith(("ss", "us", "is", "'s")) and len(word) > 3
    )


def is_statement(text: str) -> bool:
    """Whether the text has a subject and a verb, as far as the word lists can tell."""
    at = finite_verb(tokens(text))
    return at is not None


def leading_subject(text: str) -> str:
    """The noun phrase that a statement begins with, "" if it begins with none that is plain."""
    introduction = _INTRODUCTION.match(text)
    start = introduction.end() if introduction else 0
    found = tokens(text[start : start + SUBJECT_CHARS_MAX * 2])
    verb = finite_verb(found)
    if verb is None or verb == 0:
        return ""
    words = found[:verb]
    while words and words[-1].lower in lex.ADVERBS:
        words = words[:-1]
    comma = next((i for i, token in enumerate(words) if not token.is_word), len(words))
    marks = sum(not token.is_word for token in words)
    apart = marks > 1 and not words[-1].is_word
    if comma < len(words) and not apart and not all(token.is_capital for token in words[comma + 1 :] or words[:1]):
        return ""  # "Yeah, I saw": what stands before the comma is not what the verb is about
    words = words[:comma]
    if not words or len(words) > SUBJECT_WORDS_MAX:
        return ""
    if any(word.lower in lex.PRONOUNS for word in words):
        return ""
    first = words[0].lower
    if (
        first in lex.PREPOSITIONS | lex.PRONOUNS | lex.SUBORDINATORS - {"that"} | {"here", "not"}
        or words[-1].lower in lex.PREPOSITIONS
    ):
        return ""
    subject = text[start + words[0].start : start + words[-1].end][:SUBJECT_CHARS_MAX]
    return subject if subject.count("[") == subject.count("]") and subject.count('"') % 2 == 0 else ""


def predicate_start(found: Sequence[Token]) -> int | None:
    """In what follows "is" in a question ("the earth | flat"), where the predicate begins; None if not clear."""
    if not found:
        return None
    if found[0].lower in lex.PRONOUNS or (
        found[0].lower in {"this", "that", "these", "those"} and _stands_alone(found)
    ):
        return 1 if len(found) > 1 else None
    strong = _strong_boundary(found)
    return strong if strong is not None else _weak_boundary(found)


def _stands_alone(found: Sequence[Token]) -> bool:
    """Whether the "this" at the start is the whole subject: "is this a cat", not "is this cat white"."""
    return len(found) > 1 and found[1].lower in lex.DETERMINERS | lex.PREPOSITIONS | lex.ADJECTIVES | lex.ADVERBS


def _noun_start(found: Sequence[Token]) -> int:
    """The first word that can be the noun: behind articles, numbers and adjectives."""
    i = 0
    while i < len(found) - 1 and (found[i].lower in lex.DETERMINERS or (i == 0 and found[0].lower == "there")):
        i += 1
    had_determiner = i > 0
    while i < len(found) - 1 and had_determiner and (_describes(found[i]) or found[i].text[0].isdigit()):
        i += 1
    return i


def _describes(token: Token) -> bool:
    word = token.lower
    return (
        not token.is_capital
        and word not in lex.NOT_ADJECTIVES
        and (
            word in lex.ADJECTIVES
            or (word.endswith((*lex.ADJECTIVE_ENDINGS, lex.SUPERLATIVE_ENDING)) and len(word) > 5)
            or (verbs.is_participle(word))
            or (word.endswith("ing") and len(word) > 5)
            or (word.endswith("ed") and word.startswith("un"))
        )
    )


def _strong_boundary(found: Sequence[Token]) -> int | None:
    """The first word that cannot belong to the subject; a preposition counts only if nothing better follows at once."""
    bare_name = found[0].is_capital and found[0].lower not in lex.DETERMINERS
    i = _noun_start(found) + 1
    at_preposition: int | None = None
    while i < len(found):
        step = _words_of_noun(found, i)
        if step:
            i += step
            continue
        if found[i].lower in lex.PREPOSITIONS:
            at_preposition = i if at_preposition is None else at_preposition
        elif _begins_predicate(found, i):
            return i if at_preposition is None or (_describes(found[i]) and i == len(found) - 1) else at_preposition
        elif bare_name and found[i].is_word and not found[i].is_capital and found[i - 1].is_capital:
            return i if at_preposition is None else at_preposition
        i += 1
    return at_preposition


def _words_of_noun(found: Sequence[Token], i: int) -> int:
    """How many words from `i` belong to the noun before, or stand beside it; 0 if that is not plain."""
    if found[i].lower in {"of", "and"} and i + 1 < len(found):
        return 2 + _noun_start(found[i + 1 :])
    return 1 if found[i - 1].lower.endswith("'s") else 0


def _begins_predicate(found: Sequence[Token], i: int) -> bool:
    before, word = found[i - 1].lower, found[i].lower
    if word == "part" and i + 1 < len(found) and found[i + 1].lower == "of":
        return True
    if _describes(found[i]) or _compares(found, i):
        return before not in lex.DETERMINERS | lex.PREPOSITIONS
    return (word in lex.DETERMINERS or is_adverb(word) or word[0].isdigit()) and before not in lex.PREPOSITIONS


def _compares(found: Sequence[Token], i: int) -> bool:
    return found[i].lower.endswith("er") and i + 1 < len(found) and found[i + 1].lower == "than"


def _weak_boundary(found: Sequence[Token]) -> int | None:
    """Where capitals change, or before the last word."""
    first = _noun_start(found) + 1
    for i in range(first, len(found)):
        if not found[i].is_word:
            return None
        if found[i - 1].lower not in lex.PREPOSITIONS and found[i].is_capital != found[i - 1].is_capital:
            return i
    last = len(found) - 1
    if last >= first and found[last - 1].lower not in lex.PREPOSITIONS | lex.ARTICLES:
        return last
    return None


def base_verb(found: Sequence[Token]) -> int | None:
    """In what follows "does" or "can" in a question ("this contract | allow remote work"), the place of the verb."""
    if not found:
        return None
    if found[0].lower in lex.PRONOUNS and len(found) > 1 and found[1].lower not in lex.PREPOSITIONS:
        return 1
    end = next((i for i in range(1, len(found)) if found[i].lower in _SUBORDINATE), len(found))
    candidates = [i for i in range(1, end) if _can_be_base(found, i)]
    pure = next((i for i in candidates if found[i].lower not in verbs.AMBIGUOUS), None)
    agreed = next((i for i in candidates if _neighbours_agree(found, i)), None)
    known = min((i for i in (pure, agreed) if i is not None), default=candidates[0] if candidates else None)
    if known is None and end == len(found):
        known = _unknown_verb(found)
    return None if known is None else _with_adverbs(found, known)


def is_adverb(word: str) -> bool:
    """Whether the word, lower case, says how or how often."""
    return word in lex.ADVERBS or (word.endswith("ly") and len(word) > 4 and word not in lex.NOT_ADVERBS)


def _with_adverbs(found: Sequence[Token], i: int) -> int:
    """The verb's place, or that of the adverbs right before it."""
    while i > 1 and is_adverb(found[i - 1].lower):
        i -= 1
    return i


def _unknown_verb(found: Sequence[Token]) -> int | None:
    """The likely place of a verb that is in no list: before an article, a name, a preposition or the end."""
    first = _noun_start(found) + 1
    for i in range(first, len(found)):
        word = found[i].lower
        plain = found[i].is_word and not found[i].is_capital and word not in lex.DETERMINERS | lex.PREPOSITIONS
        if (
            plain
            and not word.endswith("s")
            and not _describes(found[i])
            and not is_adverb(word)
            and _can_follow_verb(_following(found, i))
        ):
            return i
    return first if first < len(found) and _is_plural(found[0].lower) and not found[first].is_capital else None


def _following(found: Sequence[Token], i: int) -> Token | None:
    return found[i + 1] if i + 1 < len(found) else None


def _can_be_base(found: Sequence[Token], i: int) -> bool:
    before = found[i - 1].lower
    return (
        found[i].lower in verbs.BASES
        and not found[i].is_capital
        and before not in lex.DETERMINERS | lex.PREPOSITIONS | lex.ADJECTIVES
    )


def _neighbours_agree(found: Sequence[Token], i: int) -> bool:
    """Whether a word that may be a noun is the verb here: "does the report state the total"."""
    after = found[i + 1] if i + 1 < len(found) else None
    before = found[i - 1]
    verb = next((j for j in range(i + 1, len(found)) if not is_adverb(found[j].lower)), i)
    if verb > i and _can_be_base(found, verb) and not _is_plural(before.lower):
        return False
    return _can_follow_verb(after) or _is_plural(before.lower) or before.is_capital
