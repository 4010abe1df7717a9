"""Wh-questions: the statement with a gap that a short answer fills.

"When did WW2 end" gives "WW2 ended ___" that wants a time. One rule a kind of question, tried in order; None where no
rule fits, and the caller then joins question and answer so that nothing is lost.
"""

import re
from collections.abc import Sequence

from inference.claims import lexicon as lex
from inference.claims import verbs
from inference.claims.phrases import Token, base_verb, finite_verb, predicate_start, tokens
from inference.claims.slots import Slot, Wants
from inference.claims.statements import auxiliary_of, conjugated

WH_WORDS = lex.word_set("what which who whom whose where when why how")
_SHORT = re.compile(r"\b(what|who|where|when|how|why)['’](s|re)\b", re.I)
_PREPOSITION_FIRST = re.compile(
    r"(?:in|on|at|from|by|to|for|with|of|during|under|since|until)\s+(?=(?:what|which|whom|how)\b)", re.I
)
_SHARE_OF = re.compile(r"(?:percentage|percent|share|fraction|proportion|part) of ", re.I)
_OPTIONS = re.compile(r",\s[^,]{1,80}\sor\s", re.I)
_IN_PLACE = lex.word_set("what which whom who how where when")
_IN_PLACE_WORDS_MAX = 6  # a longer tail says more than what is asked for
_SPATIAL = lex.word_set("in on at from near inside")


def expanded(question: str) -> str:
    """The question with its short forms written out: "What's" gives "What is"."""
    return _SHORT.sub(lambda m: f"{m[1]} {'is' if m[2].lower() == 's' else 'are'}", question)


def slot_of(question: str) -> Slot | None:
    """The gap that an answer to the question fills; `question` has no question mark."""
    question = expanded(question)
    led = _PREPOSITION_FIRST.match(question)
    preposition = led.group().strip().lower() if led else ""
    question = question[led.end() :] if led else question
    found = tokens(question)
    if _OPTIONS.search(question):
        return None  # "which is longer, the Nile or the Amazon"
    if len(found) < 2 or found[0].lower not in WH_WORDS:
        return None
    return _Reader(question, found, preposition).slot()


class _Reader:
    """One question on its way to a slot."""

    def __init__(self, question: str, found: Sequence[Token], preposition: str) -> None:
        self.question = question
        self.found = found
        self.preposition = preposition
        self.wh = found[0].lower
        self.at = self._auxiliary()
        self.auxiliary = found[self.at].lower if self.at is not None else ""
        self.noun = self._text(1, self.at) if self.at is not None else ""
        self.rest = found[self.at + 1 :] if self.at is not None else ()

    def slot(self) -> Slot | None:
        if self.at is None:
            return self._of_subject()
        if not self.rest or self.wh == "whose":
            return None
        if self.wh == "how":
            return self._of_how()
        if self.wh in {"where", "when", "why"}:
            wants = {"where": Wants.PLACE, "when": Wants.TIME, "why": Wants.REASON}[self.wh]
            return self._at_end(wants)
        if self._asks_for_subject():
            return self._of_subject()
        if self.auxiliary in verbs.BE:
            return self._of_being()
        return self._of_object()

    def _auxiliary(self) -> int | None:
        """The auxiliary, if it comes before any other verb: "what year did", not "which company makes"."""
        for i in range(1, min(len(self.found), 8)):
            if self.found[i].lower in verbs.AUXILIARIES and not (self.found[i].is_capital and i > 1):
                return i
            if self.wh in {"what", "which", "how"} and i > (2 if self.wh == "how" else 1) and self._is_verb(i):
                return None
            if self.wh in {"who", "what"} and i == 1 and self._is_verb(i):
                return None
        return None

    def _is_verb(self, i: int) -> bool:
        word = self.found[i].lower
        if i + 1 < len(self.found) and self.found[i + 1].lower in verbs.AUXILIARIES:
            return False  # "what states are": a noun that looks like a verb
        return (
            word in verbs.third_persons()
            or word in verbs.PAST_ONLY
            or (word in verbs.PAST_OR_PARTICIPLE or word.endswith("ed"))
        )

    def _text(self, start: int, end: int | None = None) -> str:
        """The question from token `start` to before token `end`."""
        stop = len(self.found) if end is None else end
        if start >= stop:
            return ""
        return self.question[self.found[start].start : self.found[stop - 1].end]

    def _tail(self, start: int) -> str:
        """The question from token `start` of the rest to its very end, beyond the words that were read."""
        return self.question[self.rest[start].start :].strip() if start < len(self.rest) else ""

    def _split(self) -> int | None:
        """Where the predicate begins in the rest."""
        if self.auxiliary in verbs.BE:
            return predicate_start(self.rest)
        if self.auxiliary in verbs.HAVE:
            return next((i for i in range(1, len(self.rest)) if verbs.is_participle(self.rest[i].lower)), None)
        return base_verb(self.rest)

    def _statement(self, split: int, end: int | None = None) -> str:
        """Subject and predicate, up to `end`, in the order of a statement."""
        subject = self.question[self.rest[0].start : self.rest[split - 1].end]
        predicate = self.question[self.rest[split].start : end].strip()
        if self.auxiliary in verbs.DO:
            return f"{subject} {conjugated(self.auxiliary, predicate)}"
        return f"{subject} {self.auxiliary} {predicate}"

    def _asks_for_subject(self) -> bool:
        """Whether the answer is the subject: "who has won", "what is known as the red planet"."""
        first = self.rest[0].lower
        if self.preposition:
            return False
        if self.auxiliary in verbs.BE:
            return (
                verbs.is_participle(first)
                or first.endswith("ing")
                or (bool(self.noun) and not self._ends_in_preposition() and not self._has_attribute())
                or (self.wh == "who" and first in lex.PREPOSITIONS)
            )
        if self.auxiliary in verbs.HAVE:
            owns = first in lex.DETERMINERS and not any(verbs.is_participle(token.lower) for token in self.rest)
            return verbs.is_participle(first) or owns  # "which country has the most people"
        if self.auxiliary in verbs.MODALS:
            return first in verbs.BASES and not (len(self.rest) > 1 and self.rest[1].lower in verbs.BASES)
        return False

    def _has_attribute(self) -> bool:
        words = self.noun.lower().split() or [""]
        return bool({words[0], words[-1]} & (lex.ATTRIBUTES | lex.TIME_NOUNS))

    def _ends_in_preposition(self) -> bool:
        return self.rest[-1].lower in lex.PREPOSITIONS if self.rest else False

    def _of_subject(self) -> Slot | None:
        """The answer is the subject: "Who wrote Hamlet", "Which planet is the largest"."""
        if self.wh in {"who", "what"} and (self.at == 1 or self.wh == "who" or self._is_verb(1)):
            return Slot("", self.question[self.found[1].start :].strip())
        if _SHARE_OF.match(self.noun):
            share = self.noun.split(" ", 1)[1]
            return Slot("", f"{share} {self.auxiliary} {self._tail(0)}")
        if self.wh in {"which", "what"} and self.at is not None:
            return Slot("", self._which_being())
        verb = next((i for i in range(2, len(self.found)) if self._is_verb(i)), None)
        if self.wh in {"which", "what"} and verb is not None:
            return Slot("", self.question[self.found[verb].start :].strip())
        if self.wh == "how" and len(self.found) > 3 and self.found[1].lower in {"many", "much"}:
            return self._of_counted_subject()
        return None

    def _which_being(self) -> str:
        rest = self._tail(0)
        bare_superlative = len(self.rest) <= 3 and self.rest[-1].lower.endswith(("est", "most", "least"))
        return f"{self.auxiliary} {rest} {self.noun}" if bare_superlative and self.noun else f"{self.auxiliary} {rest}"

    def _of_counted_subject(self) -> Slot | None:
        """The counted noun is the subject and there is no auxiliary: "How many people live in Paris"."""
        verb = next(
            (i for i in range(3, len(self.found)) if self.found[i].lower in verbs.BASES or self._is_verb(i)), None
        )
        if verb is None:
            return None
        after = self.question[self.found[verb].start :].strip()
        return Slot("", after, Wants.COUNT, self._text(2, verb), "of" if self.found[1].lower == "much" else "")

    def _of_being(self) -> Slot | None:
        """The answer follows "is": "What is the capital of France", "What is it made of", "What color is the sky"."""
        before = self._tail(0)
        if self.preposition or (self.noun and self.noun.lower().split()[-1] in lex.TIME_NOUNS):
            return self._at_end(self._wanted_by_noun())
        last = self.rest[-1].lower
        split = self._split()
        open_end = last in lex.PREPOSITIONS or (verbs.is_participle(last) and split == len(self.rest) - 1 and split > 0)
        if open_end and split is not None and split < len(self.rest):
            return Slot(self._statement(split))
        return Slot(f"{before} {self.auxiliary}")

    def _wanted_by_noun(self) -> Wants:
        last = self.noun.lower().split()[-1] if self.noun else ""
        if last in lex.TIME_NOUNS:
            return Wants.TIME
        if last == "continent":
            self.preposition = "in"
        return Wants.PLACE if last in lex.PLACE_NOUNS and self.preposition in _SPATIAL else Wants.SAME_PREPOSITION

    def _at_end(self, wants: Wants) -> Slot | None:
        """The answer comes last: "WW2 ended ___", "X was born ___"."""
        preposition = "" if self._ends_in_preposition() else self.preposition
        if self._ends_in_preposition():
            wants = Wants.THING
        if wants is Wants.PLACE and preposition:
            wants = Wants.SAME_PREPOSITION
        split = self._split()
        if self.auxiliary in verbs.BE and (split is None or self._is_bare_subject(split)):
            return Slot(f"{self._tail(0)} {self.auxiliary}", "", wants, preposition=preposition)
        if split is None or split >= len(self.rest):
            return None
        return Slot(self._statement(split), "", wants, preposition=preposition)

    def _is_bare_subject(self, split: int) -> bool:
        """Whether all of the rest is the subject, as in "where is the Eiffel Tower"."""
        word = self.rest[split].lower
        says_something = (
            verbs.is_participle(word)
            or word in lex.ADJECTIVES | lex.ADVERBS
            or word.endswith("ing")
            or word in lex.PREPOSITIONS
            or word in lex.ARTICLES
        )
        return not says_something

    def _of_object(self) -> Slot | None:
        """The answer is an object or a time: "What did Edison invent", "In which year did WW2 end"."""
        last_noun = self.noun.lower().split()[-1] if self.noun else ""
        if self.preposition or last_noun in lex.TIME_NOUNS:
            return self._at_end(self._wanted_by_noun())
        verb = base_verb(self.rest) if self.auxiliary not in verbs.HAVE else self._split()
        if verb is None or self.rest[-1].lower == "do":
            return None
        if self._ends_in_preposition() or any(token.lower == "to" for token in self.rest[verb:]):
            return Slot(self._statement(verb))
        stranded = verb + 2 < len(self.rest) and all(
            token.lower in lex.PREPOSITIONS for token in self.rest[verb + 1 : verb + 3]
        )
        return self._behind_verb(verb + 1 if stranded else verb, Wants.THING, "")

    def _behind_verb(self, verb: int, wants: Wants, unit: str, preposition: str = "") -> Slot:
        """The answer is the object, right behind the verb: "Edison invented ___ in 1879"."""
        said = self._statement(self._split() or verb, self.rest[verb].end)
        return Slot(said, self._tail(verb + 1), wants, unit, preposition)

    def _of_how(self) -> Slot | None:
        measured = self.noun.split()
        first = measured[0].lower() if measured else ""
        if first in {"many", "much"}:
            return self._of_quantity(first, " ".join(measured[1:]))
        if first in {"long", "often"} and (self.auxiliary not in verbs.BE or self._predicate_follows()):
            return self._of_duration(first)
        if first and self.auxiliary in verbs.BE:
            return self._of_measure(first)
        if self.auxiliary not in verbs.BE or self._predicate_follows():
            return self._at_end(Wants.THING if first else Wants.MANNER)
        return None

    def _predicate_follows(self) -> bool:
        split = self._split()
        return split is not None and verbs.is_participle(self.rest[split].lower)

    def _of_duration(self, first: str) -> Slot | None:
        split = self._split()
        if split is None or split >= len(self.rest):
            return None
        verb = self.rest[split].lower
        if verb in {"last", "take"} and first == "long":
            return self._behind_verb(split, Wants.DURATION, "")
        preposition = "for" if first == "long" else ""
        return Slot(self._statement(split), "", Wants.DURATION if preposition else Wants.THING, preposition=preposition)

    def _of_measure(self, adjective: str) -> Slot:
        """The answer is a measure: "How tall is Mount Everest", "How far is the Moon from Earth"."""
        unit = adjective if adjective in lex.MEASURE_ADJECTIVES else ""
        at = next((i for i, token in enumerate(self.rest) if token.lower in {"from", "to"} and i > 0), None)
        if adjective == "far" and at is not None and self.rest[0].lower != "it":
            subject = self.question[self.rest[0].start : self.rest[at - 1].end]
            return Slot(f"{subject} {self.auxiliary}", self._tail(at))
        return Slot(f"{self._tail(0)} {self.auxiliary}", "", Wants.MEASURE, unit)

    def _of_quantity(self, first: str, noun: str) -> Slot | None:
        preposition = "of" if first == "much" else ""
        if noun.lower() == "times":
            return self._at_end(Wants.COUNT) and Slot(self._times(), "", Wants.COUNT, "times")
        if self.auxiliary in verbs.BE:
            start = 1 if self.rest[0].lower == "there" else 0
            if not noun:
                return Slot(f"{self._tail(0)} {self.auxiliary}")
            if start or self.rest[0].lower in lex.PREPOSITIONS:
                return Slot(f"there {self.auxiliary}", self._tail(start), Wants.COUNT, noun, preposition)
            return Slot("", f"{self.auxiliary} {self._tail(0)}", Wants.COUNT, noun, preposition)
        if self.auxiliary in verbs.MODALS | verbs.HAVE and verbs.is_participle(self.rest[0].lower):
            return Slot("", f"{self.auxiliary} {self._tail(0)}", Wants.COUNT, noun, preposition)
        verb = self._split()
        if verb is None or verb >= len(self.rest):
            return None
        if any(token.lower == "to" for token in self.rest[verb:]):
            return Slot(self._statement(verb), "", Wants.COUNT, noun, preposition)
        return self._behind_verb(verb, Wants.COUNT, noun, preposition)

    def _times(self) -> str:
        split = self._split()
        return self._statement(split) if split is not None and split < len(self.rest) else self._tail(0)


def in_place(question: str) -> Slot | None:
    """A question in the order of a statement: "The book was written by which author"."""
    found = tokens(question)
    at = next((i for i in range(2, len(found)) if found[i].lower in _IN_PLACE), None)
    verb = finite_verb(found)
    if at is None or len(found) - at > _IN_PLACE_WORDS_MAX or verb is None or verb > at:
        return None
    if found[0].lower in WH_WORDS or auxiliary_of(found[0].text)[0]:
        return None
    if any(not token.is_word for token in found[at:]) or finite_verb(found[at:]) is not None:
        return None
    before = question[: found[at].start].strip()
    if found[at].lower in {"where", "when"}:
        wants = Wants.PLACE if found[at].lower == "where" else Wants.TIME
        return Slot(before, "", wants) if at == len(found) - 1 else None
    if found[at].lower != "how":
        return Slot(before)
    counted = at + 2 < len(found) and found[at + 1].lower in {"many", "much"}
    return Slot(before, "", Wants.COUNT, question[found[at + 2].start :].strip()) if counted else None


def embedded(question: str) -> Slot | None:
    """An indirect question in the order of a statement: "what the capital of Australia is"."""
    found = tokens(question)
    if len(found) < 3 or found[0].lower not in {"what", "who", "where", "when"} or found[-1].lower not in verbs.BE:
        return None
    if finite_verb(found) != len(found) - 1:
        return None
    wants = {"where": Wants.PLACE, "when": Wants.TIME}.get(found[0].lower, Wants.THING)
    return Slot(question[found[1].start :].strip(), "", wants)
