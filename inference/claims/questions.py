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
from inference.claims.pronouns import can_be_meant, is_text_under_test, of_the_speaker
from inference.claims.references import standalone
from inference.claims.slots import Slot, Wants, capitalised, fill, lowered
from inference.claims.statements import Polarity, auxiliary_of, deny, yes_no
from inference.claims.wh import WH_WORDS, embedded, expanded, in_place, slot_of
from inference.text.sentences import sentences

QUESTION_CHARS_MAX = 400  # a longer one is not repeated in every claim
SHORT_ANSWER_WORDS_MAX = 14  # a longer phrase is no filler of a gap
REASON_WORDS_MAX = 40  # but a reason may be a clause
_OBJECT_WORDS_MAX = 5
_MORE_WORDS_MIN = 2
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
    r"provide|please|assist|hear|speak|understand|know|like|have(?! to\b)|think|want|feel|agree|remember|mind|sure|"
    r"ready|there|able|an? (?:ai|bot|robot|human|language model|person)|real|okay|ok|human|verify|"
    r"confirm|list|describe|love|"
    r"prefer|(?:ever )?(?:heard|seen|tried|watched|met|visited|played|been))\b",
    re.I,
)
# An order for a text, or to check one. It asks for no fact, so nothing that answers it takes words from it.
_TASK = re.compile(
    r"(?:(?:please|kindly|now|then|first|next|can you|could you|would you|will you)[, ]+)*"
    r"(?:(?:summari[sz]e|paraphrase|rewrite|rephrase|write|explain|describe|discuss|elaborate|verify|fact-?check|"
    r"generate|create|compose|analy[sz]e|assess|evaluate|determine|decide|respond|reply|continue|read|tell|talk|speak|"
    r"provide|produce|introduce|define|share|give|show|help|use|consider|make|draft|say|teach|confirm|"
    r"shorten|condense)\b|"
    r"(?:state|answer|check|review|judge|report|comment|outline|list|note|act|complete|claim|address|support|cite)"
    r"(?=\s+(?:an?|the|this|that|these|those|some|any|all|my|your|me|us|it|if|whether|on|in|as|for|with|"
    r"based|according|"
    r"using|from|only|briefly|\w+ly|facts?|why|how|what|one|two|three)\b|\s*\Z))",
    re.I,
)
# Asks whether something said elsewhere holds: by itself it says nothing.
_WHETHER_THAT_HOLDS = re.compile(
    r"(?:(?:please|so|and|now|then|tell me|check|verify|determine|say|answer|decide|if|whether)[,: ]+)*"
    r"(?:is|are|was|were|does|do|can|would you say|do you think)?\s*(?:that |if |whether )?"
    r"(?:(?:this|that|it|these|those|the (?:following|above|below|claim|statement|response|answer|summary|sentence|"
    r"text|assertion|information))(?:\s+(?:following|above|below|claims?|statements?|responses?|answers?|summary|"
    r"sentences?|texts?|assertions?|information|facts?))*)\s+"
    r"(?:is |are |be )?(?:\w+ly |fully |well )?(?:true|correct|right|accurate|supported|factual|"
    r"faithful|consistent|entailed|false|wrong|verified|verifiable|grounded|valid|backed|supports?|"
    r"follows?|agrees?|hold|holds|a fact|the case)\b"
    r"(?! (?:that|to say)\b)[^?]{0,80}\Z|(?:true or false|right|correct|true)\Z|"
    rf"(?:does|do|did|can|could|would) (?:the|this|that|your|my)(?: \w+){{0,2}} (?:{_DOC})s? (?:\w+ )?(?:support|"
    r"confirm|back|entail|imply|agree with|contradict|refute|verify)\b(?: up)? (?:the|this|that|it)(?: \w+){0,2}\Z",
    re.I,
)
_ORDERED_ANSWER_WORDS_MAX = 4  # "Bonjour" needs the order before it, a longer phrase says what it is
_NAMED_ANSWER_WORDS_MAX = 6
_TO_SPEAKER = re.compile(rf"(?:do|did|are|were|have|had|can|could|would|will)(?:n['’]t)? {_OF_SPEAKER.pattern}", re.I)
_GREETING = re.compile(r"(?:how (?:are|about|were) you|how is it going|what about you|what is up)\b[^,]{0,12}\Z", re.I)
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
    asks: bool = True  # False for a statement or an order: its words are no part of what a longer answer states
    joined_words_max: int = SHORT_ANSWER_WORDS_MAX  # a phrase up to this long takes the words of the prompt

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
        if not self.asks or not self.text or not bare or self._is_spoken_of(bare):
            return answer
        words_max = REASON_WORDS_MAX if self.asks_why else self.joined_words_max
        if self.slot is not None and len(bare.split()) <= words_max and ": " not in bare:
            return sentence(self._opened(fill(self.slot, bare)))
        if len(bare.split()) > words_max:
            return answer
        return f"{self.text}: {answer}"

    def _is_spoken_of(self, answer: str) -> bool:
        """Whether the answer begins with what the question is about, and says more of it: it stands by itself."""
        topic = self.topic.lower()
        said = answer.lower()
        more = len(said.split()) - len(topic.split())
        return bool(topic) and more >= _MORE_WORDS_MIN and said.startswith(f"{topic} ") and self.slot is not None

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
    if _WHETHER_THAT_HOLDS.match(_bare(chosen)):
        return _whether_holds(found, found.index(chosen))
    if len(chosen) > QUESTION_CHARS_MAX:
        return Question()
    before = found[: found.index(chosen)] if chosen in found else []
    return _weighed(_read(standalone(chosen, _nouns(before))), chosen, bool(asked))


def _whether_holds(found: list[str], at: int) -> Question:
    """The question whether a sentence beside it is true; one that asks nothing if there is none."""
    beside = [found[i] for i in (at - 1, at + 1) if 0 <= i < len(found)]
    stated = next((text for text in beside if len(text) <= QUESTION_CHARS_MAX and is_statement(_bare(text))), "")
    if not stated or _TASK.match(stated):
        return Question(asks=False)
    return _read(f"Is it true that {uncapitalised(_bare(stated))}?")


def _weighed(question: Question, chosen: str, marked: bool) -> Question:
    """The question, less what a statement or an order must not lend to its answers."""
    topic = question.topic if can_be_meant(question.topic) and not of_the_speaker(question.topic) else ""
    text = _bare(chosen)
    core = _without_lead(text)
    asking = _begins_question(core)
    is_task = _TASK.match(core) or (_ABOUT.match(core) and not question.goal)
    if question.slot is None and not asking and (is_task or (_TASK.match(text) and not is_statement(core))):
        claimed = _claim_in(core.partition(": ")[2])
        if claimed and is_statement(claimed):
            return _voted(claimed)
        return Question(topic=topic, asks=False)
    first = next(iter(tokens(core, 1)), None)
    if marked or question.slot is not None or question.goal or first is None or asking:
        words_max = _ORDERED_ANSWER_WORDS_MAX if is_text_under_test(question.topic) else SHORT_ANSWER_WORDS_MAX
        return replace(question, topic=topic, joined_words_max=words_max)
    if question.is_closed and not question.slot:
        return replace(question, topic="", asks=False) if is_statement(core) else Question(asks=False)
    if is_statement(core):
        return Question(asks=False)
    ordered = first.lower in verbs.BASES
    return replace(
        question, topic=topic, joined_words_max=_ORDERED_ANSWER_WORDS_MAX if ordered else _NAMED_ANSWER_WORDS_MAX
    )


def _begins_question(core: str) -> bool:
    first = "".join(token.text for token in tokens(core, 1))
    return (
        first.lower() in WH_WORDS
        or bool(auxiliary_of(first)[0])
        or any(rule.match(core) for rule in (_NAMING, _TRUE_THAT))
        or any(tail.search(core, max(0, len(core) - 60)) for tail in (_TAG, _TRUE_THAT_TAIL))
    )


def _voted(claimed: str) -> Question:
    """A statement that was put forward without being asked for: a bare yes or no is about it, and nothing else."""
    return Question(
        text=claimed, affirmed=capitalised(claimed), denied=capitalised(deny(claimed)), is_closed=True, asks=False
    )


def _nouns(before: list[str]) -> Iterator[str]:
    """What the sentences before the question were about, the nearest first."""
    for text in reversed(before[-_SENTENCES_BEFORE_MAX:]):
        if len(text) <= QUESTION_CHARS_MAX:
            noun = _read(text).topic or leading_subject(text)
            if can_be_meant(noun) and not of_the_speaker(noun):
                yield noun


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
    if opener and (opener[1].lower() in WH_WORDS or auxiliary_of(opener[1])[0]) and _is_remark(opener.group()):
        return replace(_taken_apart(core[opener.end() :]), text=core[opener.end() :])
    taken = _taken_apart(core)
    first = next(iter(tokens(core, 1)), None)
    foreign = asked.rstrip().endswith(("?", "？", "؟")) and (first is None or first.lower not in WH_WORDS)
    return replace(taken, text=text, is_closed=taken.is_closed or (foreign and not taken.slot and not taken.goal))


_REMARK = re.compile(r"(?:oh|wow|huh|hmm|ok|okay|yeah|yes|no|cool|nice|great|interesting|really|ah|i see)\b", re.I)


def _is_remark(text: str) -> bool:
    """Whether what stands before the question is said by itself: "That is nice, does it ...", "Oh, is it ..."."""
    return _REMARK.match(text) is not None or is_statement(text)


def _is_adverbial(text: str) -> bool:
    first = next(iter(tokens(text, 1)), None)
    return first is not None and first.lower in lex.PREPOSITIONS | lex.SUBORDINATORS - {"that"}


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
    to_speaker = _TO_SPEAKER.match(core)
    if to_speaker or _GREETING.match(core):
        polarity = yes_no(core)
        said = (polarity.affirmed, polarity.denied) if polarity else ("", "")
        return Question(affirmed=said[0], denied=said[1], about_speaker=True, is_closed=to_speaker is not None)
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
