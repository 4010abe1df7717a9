"""The question that a prompt asks, and the statements that its answers make.

`question_in` finds the question and takes it apart once; `Question` then says what "yes", "no" and a short answer mean.
Where no rule fits, question and answer are joined, so nothing is lost. A prompt that asks nothing gives a question
with an empty text. Only English is taken apart; a question in another language is joined to its answer.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from inference.claims import lexicon as lex
from inference.claims import verbs
from inference.claims.markup import mask, plain
from inference.claims.phrases import SUBJECT_CHARS_MAX, is_statement, leading_subject, tokens
from inference.claims.references import standalone
from inference.claims.slots import Slot, Wants, capitalised, fill, lowered
from inference.claims.statements import Polarity, auxiliary_of, deny, yes_no
from inference.claims.wh import WH_WORDS, embedded, expanded, in_place, slot_of
from inference.text.sentences import sentences

QUESTION_CHARS_MAX = 400  # a longer one is not repeated in every claim
SHORT_ANSWER_WORDS_MAX = 14  # a longer phrase is no filler of a gap
REASON_WORDS_MAX = 40  # but a reason may be a clause
_OBJECT_WORDS_MAX = 5
_SENTENCES_BEFORE_MAX = 8  # in which the noun of a pronoun is looked for
_PROMPT_CHARS_READ = 20_000  # the end of the prompt, where people ask

_DOC = lex.DOCUMENT_WORDS
_LEAD = re.compile(
    r"(?:(?:please|hi|hello|hey|ok|okay|so|and|but|then|well|thanks|now|quick question|question|q|prompt|user|"
    r"(?:please )?(?:tell me|answer(?: (?:me|this|with)?[^:?]{0,40})?|i want to know|i wonder|i'd like to know)|"
    rf"(?:can|could|would|will|do) you (?:please )?(?:tell me|know|say|explain|confirm(?: that)?|remind me)|"
    rf"(?:based on|according to|given|per|from|using|in) (?:the|this|that|my|your) (?:\w+ ){{0,2}}(?:{_DOC})(?: "
    rf"\w+){{0,3}})"
    r"\s*[,:;!.]?\s+(?:if |whether )?)+",
    re.I,
)  # fmt: skip
_TRUE_THAT = re.compile(
    r"(?:is|was|isn't) it (?:really |actually )?(?:true|correct|right|the case|a fact|accurate)(?: to say)? that\s+|"
    r"(?:true or false|t/f|fact or (?:fiction|myth)|right or wrong)\s*[:,?.-]*\s+|is this (?:true|correct)\s*[:,]\s+|"
    r"(?:do you (?:agree|think|believe)|would you say) (?:that )?(?=\w)",
    re.I,
)
_TRUE_THAT_TAIL = re.compile(
    r"[,.;:?!(\s-]+(?:is (?:this|that|it) (?:true|correct|right)|true or false|right or wrong|yes or no)\)?\Z", re.I
)
_TAG = re.compile(
    r",\s*(?:right|correct|true|yes|no|huh|eh|or not|(?:is|are|was|were|do|does|did|has|have|had|can|could|will|"
    r"would|wo|ca|"
    r"should|must)(?:n['’]t)?\s+(?:it|he|she|they|there|we|you|i|that))\Z",
    re.I,
)
_ADVERBIAL = re.compile(r"[^,?:]{2,60},\s+(?=(\w+(?:['’]t)?)\b)")
_OR_NOT = re.compile(
    r",?\s+or (?:not|no)\Z|,?\s*\(?(?:please )?(?:answer|reply)?\s*(?:with )?(?:just |only )?yes or no\)?\Z", re.I
)
_CHOICES = re.compile(
    r"((?:which|who|what)\b[^,:]{3,120})[,:]\s+[^,:]{1,60}(?:, [^,:]{1,60})*,? or [^,:]{1,60}\Z", re.I
)
_NAMING = re.compile(
    r"(?:name|state|give(?: me)?|find|identify|provide|list|tell me|extract|specify|what about)\s+(?=(?:the|its|"
    r"his|her)\b)",
    re.I,
)
_ABOUT = re.compile(
    r"(?:(?:(?:please )?(?:tell|write|give|talk|list|share|provide|discuss|say|what|how|who|facts|some|a|an|the|"
    r"information|info)\b[^.:;]{0,60}\b)?about|"
    r"(?:please )?(?:describe|explain|summari[sz]e|define|introduce|discuss))\s+"
    r"((?:the |an? )?[^.,;:?!\n]{2,80})\Z",
    re.I,
)
_HOW_TO = re.compile(
    r"how (?:do|can|should|would|could|to|must)\s*(?:i|you|we|one|people|someone)?\s+(.{2,120})\Z", re.I
)
# What "you" means the assistant in; elsewhere "you" is anybody: "Can you cut a diamond?"
_OF_SPEAKER = re.compile(
    r"you (?:please |also |now |just |still |really |be )?(?:help|tell|explain|write|summari[sz]e|give|show|do|answer|"
    r"check|translate|"
    r"provide|please|assist|hear|speak|understand|know|like|have|think|want|feel|agree|remember|mind|sure|ready|there|"
    r"able|an? (?:ai|bot|robot|human|language model|person)|real|okay|ok|human|verify|confirm|list|describe|love|"
    r"prefer)\b",
    re.I,
)
_YOU_OR_I = frozenset({"you", "i"})


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked. Statements carry no full stop; an empty one means that the rules found none."""

    text: str = ""
    topic: str = ""
    affirmed: str = ""
    denied: str = ""
    slot: Slot | None = None
    goal: str = ""  # "To reset the device", if steps were asked for
    about_speaker: bool = False  # "Can you help me?": no answer to it is checkable
    opener: str = ""  # "In 1990", before the question proper
    is_closed: bool = False  # whether yes or no answers it

    def yes(self) -> str:
        """What "yes" states, "" if it states nothing."""
        return self._said(self.affirmed, "yes")

    def no(self) -> str:
        """What "no" states, "" if it states nothing."""
        return self._said(self.denied, "no")

    def _said(self, statement: str, word: str) -> str:
        if self.about_speaker or not self.text:
            return ""
        return sentence(self._opened(statement)) if statement else f"{self.text}: {word}"

    def short_answer(self, answer: str) -> str:
        """What a phrase states in answer to this."""
        bare = answer.rstrip(" .!;,")
        if not self.text or not bare:
            return answer
        words_max = REASON_WORDS_MAX if self.asks_why else SHORT_ANSWER_WORDS_MAX
        if self.slot is not None and len(bare.split()) <= words_max and ": " not in bare:
            return sentence(self._opened(fill(self.slot, bare)))
        return f"{self.text}: {answer}"

    @property
    def asks_why(self) -> bool:
        return self.slot is not None and self.slot.wants is Wants.REASON

    @property
    def object(self) -> str:
        """What was done, in a question for who did it: "the tower" in "Who built the tower?"; "" in any other."""
        if self.slot is None or self.slot.before:
            return ""
        found = tokens(self.slot.after)[1:]
        plain_noun = found and len(found) <= _OBJECT_WORDS_MAX and all(t.lower not in lex.PREPOSITIONS for t in found)
        return self.slot.after[found[0].start : found[-1].end] if plain_noun else ""

    def _opened(self, statement: str) -> str:
        return f"{self.opener}, {uncapitalised(statement)}" if self.opener else statement


_LOOSE_MARK = re.compile(r"\s+(?=[.!?]\Z)")


def sentence(statement: str) -> str:
    """The statement with a capital and an end mark."""
    statement = capitalised(_LOOSE_MARK.sub("", statement.strip()))
    return statement if statement.endswith((".", "!", "?", "。", "…")) else statement + "."


def uncapitalised(statement: str) -> str:
    """For mid-sentence; a name keeps its capital, so only small words lose theirs."""
    return lowered(statement)


def question_in(prompt: str) -> Question:
    """The last thing that `prompt` asks. Linear; only its last stretch is read."""
    tail = prompt[-_PROMPT_CHARS_READ:]
    masked = mask(tail)
    found = [plain(masked[span.start : span.end]) for span in sentences(masked)]
    found = [text for text in found if any(char.isalnum() for char in text)]
    asked = [text for text in found if text.rstrip("\"'”’) ").endswith(("?", "？", "؟"))]
    chosen = asked[-1] if asked else _unmarked(found)
    if len(asked) == 1 and chosen != found[0] and _is_truth_query(chosen):
        chosen = f"{found[found.index(chosen) - 1].rstrip('.!')}, {chosen}"
    if len(chosen) > QUESTION_CHARS_MAX:
        return Question()
    return _read(standalone(chosen, _nouns(found[: found.index(chosen)] if chosen in found else [])))


def _nouns(before: list[str]) -> Iterator[str]:
    """What the sentences before the question were about, the nearest first."""
    for text in reversed(before[-_SENTENCES_BEFORE_MAX:]):
        if len(text) <= QUESTION_CHARS_MAX:
            yield _read(text).topic or leading_subject(text)


def _is_truth_query(text: str) -> bool:
    return (
        re.fullmatch(r"(?:is (?:this|that|it) (?:true|correct|right)|true or false|right)\?", text.strip(), re.I)
        is not None
    )


def _unmarked(found: list[str]) -> str:
    """The question of a prompt that has no question mark: the last sentence that begins like one, or the last."""
    for text in reversed(found):
        first = next(iter(tokens(_without_lead(text), 1)), None)
        if first and (
            first.lower in WH_WORDS or auxiliary_of(first.text)[0] or _NAMING.match(text) or _TRUE_THAT.match(text)
        ):
            return text
    return found[-1] if found else ""


def _without_lead(text: str) -> str:
    led = _LEAD.match(text)
    return text[led.end() :] if led and led.end() < len(text) else text


def _read(asked: str) -> Question:
    text = _bare(asked)
    core = expanded(_bare(_CHOICES.sub(r"\1", _OR_NOT.sub("", _without_lead(text)))))
    asserted = any(tail.search(core, max(0, len(core) - 60)) for tail in (_TAG, _TRUE_THAT_TAIL))
    opener = None if asserted else _ADVERBIAL.match(core)
    if opener and _is_adverbial(opener.group()) and (opener[1].lower() in WH_WORDS or auxiliary_of(opener[1])[0]):
        inner = _taken_apart(core[opener.end() :])
        return replace(inner, text=text, opener=capitalised(opener.group().rstrip(" ,")))
    taken = _taken_apart(core)
    first = next(iter(tokens(core, 1)), None)
    foreign = asked.rstrip().endswith(("?", "？", "؟")) and (first is None or first.lower not in WH_WORDS)
    return replace(taken, text=text, is_closed=taken.is_closed or (foreign and not taken.slot and not taken.goal))


def _is_adverbial(text: str) -> bool:
    first = next(iter(tokens(text, 1)), None)
    return first is not None and first.lower in lex.PREPOSITIONS | lex.SUBORDINATORS


_QUOTES = "\"“”'"


def _bare(text: str) -> str:
    text = text.strip()
    if text[:1] in _QUOTES and text[-1:] in _QUOTES and not any(mark in text[1:-1] for mark in _QUOTES[:3]):
        text = text[1:-1]
    return text.rstrip(" ?？؟.!:").lstrip("¿¡ ").strip()


def _taken_apart(core: str) -> Question:
    gap = in_place(core)
    claimed = _claim_in(core) if gap is None else ""
    if claimed:
        return Question(
            topic=leading_subject(claimed),
            affirmed=capitalised(claimed),
            denied=capitalised(deny(claimed)),
            is_closed=True,
        )
    how_to = _HOW_TO.match(core)
    if how_to and not auxiliary_of(how_to[1].split()[0])[0]:
        return Question(goal=f"To {how_to[1]}", topic="")
    polarity = yes_no(core)
    if polarity is not None:
        return _of_polarity(core, polarity)
    naming = _NAMING.match(core)
    if naming:
        noun = core[naming.end() :]
        return Question(topic=noun[:SUBJECT_CHARS_MAX], slot=Slot(f"{noun} is"))
    slot = embedded(core) or slot_of(core) or gap or _named(core)
    return Question(topic=_topic(core, slot), slot=slot)


def _named(core: str) -> Slot | None:
    """The gap of a question without a verb: "The capital of France"."""
    found = tokens(core)
    named = (
        bool(found)
        and found[0].lower in lex.ARTICLES
        and not is_statement(core)
        and len(found) <= SHORT_ANSWER_WORDS_MAX
    )
    return Slot(f"{core} is") if named else None


def _claim_in(core: str) -> str:
    """The statement that a question puts to the vote: "Is it true that X", "X, right"; "" if it puts none."""
    asked = _TRUE_THAT.match(core)
    if asked:
        return _bare(core[asked.end() :])
    for tail in (_TAG, _TRUE_THAT_TAIL):
        tagged = tail.search(core, max(0, len(core) - 60))
        if tagged and tagged.start() > 0:
            return _bare(core[: tagged.start()])
    first = next(iter(tokens(core, 1)), None)
    if first and first.lower not in WH_WORDS and not auxiliary_of(first.text)[0] and leading_subject(core):
        return core  # "The earth is flat?"
    return ""


def _of_polarity(core: str, polarity: Polarity) -> Question:
    if polarity.topic.lower() in _YOU_OR_I:
        return Question(
            affirmed=polarity.affirmed,
            denied=polarity.denied,
            about_speaker=_OF_SPEAKER.match(f"{polarity.topic} {polarity.predicate}") is not None,
            is_closed=True,
        )
    slot = None
    if polarity.auxiliary in verbs.BE:
        first = tokens(polarity.predicate, 1)
        preposition = first[0].lower if first and first[0].lower in lex.PREPOSITIONS else ""
        slot = Slot(f"{polarity.topic} {polarity.auxiliary}", "", Wants.SAME_PREPOSITION, preposition=preposition)
    topic = polarity.topic if polarity.topic.lower() not in lex.PRONOUNS else ""
    return Question(topic=topic, affirmed=polarity.affirmed, denied=polarity.denied, slot=slot, is_closed=True)


def _topic(core: str, slot: Slot | None) -> str:
    """What the question is about, for the pronouns of the answer; "" if it is not plain."""
    about = _ABOUT.match(core)
    if about and slot is None:
        return about[1].strip()
    if slot is None:
        return ""
    if slot.before:
        return leading_subject(f"{slot.before} x")
    return _object_of(slot.after)


def _object_of(predicate: str) -> str:
    """The name behind the verb, if that is all there is: "wrote Hamlet" is about Hamlet."""
    found = tokens(predicate)[1:]
    if (
        found
        and len(found) <= 6
        and found[-1].is_capital
        and all(token.is_capital or token.lower in lex.ARTICLES | {"of"} for token in found)
    ):
        return predicate[found[0].start : found[-1].end]
    return ""
