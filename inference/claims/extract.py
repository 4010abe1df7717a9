"""Cuts a response into the claims that can be checked, with the characters that make each.

A claim's text stands on its own: "Yes" takes its words from the question, "Sydney" fills the gap in it, a leading "It"
becomes the noun before it, and "I think" is left out. A claim's span keeps all of the response that says it. What says
nothing that evidence could bear on gives no claim. Rules, no model; deterministic; linear in the input.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

from inference.claims import answers, framing, items
from inference.claims.clauses import CLAIM_CHARS_MAX, clauses
from inference.claims.markup import MASK, Block, Kind, blocks, mask, plain, prose
from inference.claims.phrases import SUBJECT_WORDS_MAX, is_statement, leading_subject
from inference.claims.pronouns import can_be_meant, gender_of, is_text_under_test, leading, object_resolved, resolved
from inference.claims.questions import Question, question_in, sentence
from inference.claims.restating import restates
from inference.claims.slots import capitalised
from inference.text.sentences import sentences
from inference.verdict import Claim, Span

_CLAIM_TEXT_CHARS_MAX = 2 * CLAIM_CHARS_MAX  # a claim with the words it took from elsewhere
_COURTESY_WORDS_MAX = 4  # of a phrase in answer to "Can you help me?"
_RHETORICAL = re.compile(r"\s*did you know\b", re.I)  # a question that states something
_SUBJECT_ALONE = re.compile(
    r"([^,;]{1,80})\s(?:is|was|are|were|did|does|do|has|have|can|will)[.!]*\Z", re.I
)  # "Sydney is."
_STAYS_WITH = re.compile(r"(?:it|he|she|they|its|his|her|their|this|that|these|those|there)\b", re.I)
_REASON = re.compile(
    r"(?:because|since|as|if|when|unless|although|though|but only|only if|except|provided|due to|thanks to)\b", re.I
)


def extract_claims(prompt: str, response: str) -> list[Claim]:
    """The claims of `response` to `prompt`, in order, their spans apart. Empty if it states nothing to check."""
    found = blocks(response)
    stated = list(_Reading(prompt, response, prose(found, with_titles=False), with_titles=False).claims())
    if stated or not any(block.kind in (Kind.HEADING, Kind.BOLD_LINE, Kind.QUOTED_TEXT) for block in found):
        return stated
    return list(_Reading(prompt, response, prose(found, with_titles=True), with_titles=True).claims())


class _Reading:
    """One reading of a response, which remembers what the last claim was about."""

    def __init__(self, prompt: str, response: str, found: list[Block], with_titles: bool) -> None:
        self.prompt = prompt
        self.response = response
        self.found = found
        self.with_titles = with_titles
        self.masked = mask(response)
        self.flat = self.masked.replace(MASK, " ")
        self.last_subject: str | None = None
        self.gender: dict[str, str] = {}  # of the subjects that a "he" or "she" stood for
        self.only_phrases = True
        self.answered = False  # whether a yes or no was read
        self.in_item = False
        self.lead_in = items.NO_LEAD_IN
        self.asked_itself: Question | None = None

    @cached_property
    def _asked(self) -> Question:
        """What was asked, taken apart only if an answer needs it: many a response states its facts by itself."""
        return question_in(self.prompt)

    @property
    def question(self) -> Question:
        """What the sentence at hand answers: the prompt, or a question that the response itself asked before it."""
        return self._asked if self.asked_itself is None else self.asked_itself

    @property
    def subject(self) -> str:
        """What was last spoken of: at first what the question is about."""
        return self.question.topic if self.last_subject is None else self.last_subject

    def claims(self) -> Iterator[Claim]:
        for i, block in enumerate(self.found):
            following = self.found[i + 1] if i + 1 < len(self.found) else None
            if block.kind is Kind.BOLD_LINE and self._is_title(i, block):
                continue
            if block.kind is Kind.ROW:
                yield from self._row(block)
            else:
                yield from self._block(block, following)

    def _is_title(self, i: int, block: Block) -> bool:
        """Whether a line in bold is a heading, and not the answer or a statement."""
        text = plain(self.masked[block.span.start : block.span.end])
        is_answer = answers.head(text) is not None or (i == 0 and self.question.slot is not None)
        return not (self.with_titles or is_answer or is_statement(text) or ": " in text)

    def _row(self, block: Block) -> Iterator[Claim]:
        text = items.row_text(self.response[block.span.start : block.span.end], block.header)
        span = self._trimmed(block.span.start, block.span.end)
        if text and span is not None:
            yield Claim(text, span)

    def _block(self, block: Block, following: Block | None) -> Iterator[Claim]:
        if block.kind is not Kind.ITEM:
            self.lead_in = items.NO_LEAD_IN
        self.in_item = block.kind is Kind.ITEM
        in_item = self.lead_in if block.kind is Kind.ITEM else items.NO_LEAD_IN
        found = self._sentences(block.span)
        for i, span in enumerate(found):
            text = plain(self.masked[span.start : span.end])
            leads = (
                following is not None
                and following.kind is Kind.ITEM
                and i == len(found) - 1
                and text.endswith((":", "："))
            )
            if leads:
                yield from self._lead_in(span, text)
            elif i == 0 and in_item.given:
                yield from self._item(span, text, in_item)
            else:
                yield from self._sentence(span)

    def _sentences(self, span: Span) -> list[Span]:
        inside = sentences(self.masked[span.start : span.end])
        moved = (self._trimmed(span.start + one.start, span.start + one.end) for one in inside)
        return [one for one in moved if one is not None]

    def _trimmed(self, start: int, end: int) -> Span | None:
        piece = self.response[start:end]
        if not piece.strip():
            return None
        return Span(start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip()))

    def _lead_in(self, span: Span, text: str) -> Iterator[Claim]:
        """What comes before a list. It is no claim of its own, but a yes or no in it is."""
        start = framing.framing_end(self.flat[span.start : span.end])
        head = answers.head(self.flat[span.start : span.end], start)
        if head is not None:
            yield from self._yes_or_no(span, span.start + head.end, head.agrees)
            self.lead_in = items.NO_LEAD_IN
        else:
            self.lead_in = items.lead_in(plain(self.masked[span.start + start : span.end]), self.subject)
            self.last_subject = self.lead_in.topic or self.subject

    def _item(self, span: Span, text: str, lead_in: items.LeadIn) -> Iterator[Claim]:
        if len(text) > CLAIM_CHARS_MAX or is_statement(text.partition(": ")[0]) or lead_in.states_nothing:
            yield from self._sentence(span)
            return
        joined = items.joined(lead_in, text)
        if joined and answers.kind_of(text) is not answers.Kind.NOTHING:
            yield from self._emit(span, joined)
        else:
            yield from self._sentence(span)

    def _sentence(self, span: Span) -> Iterator[Claim]:
        """One sentence: its framing, its yes or no, then its clauses."""
        flat = self.flat[span.start : span.end]
        if not answers.says_something(flat):
            return
        head = answers.head(flat) or answers.head(flat, framing.framing_end(flat))
        if answers.asks(flat) and not _RHETORICAL.match(flat):
            asked = question_in(plain(self.masked[span.start : span.end]))
            self.asked_itself = asked if asked.affirmed and not asked.about_speaker else None
            self.answered = False
            return
        yield from self._stated(span, head)
        self.asked_itself = None

    def _stated(self, span: Span, head: answers.Head | None) -> Iterator[Claim]:
        if head is None:
            self.asked_itself = None
        if head is not None and self.question.is_closed and span.end - span.start > CLAIM_CHARS_MAX:
            yield from self._yes_or_no(span, span.start + head.end, head.agrees)
            yield from self._clauses_from(span.start + head.end, span.start + head.end, span.end)
        elif head is not None and self.question.is_closed:
            yield from self._answered(span, span.start + head.end, head)
        elif head is not None:  # "Sure!" to an order answers nothing
            yield from self._clauses_from(span.start, span.start + head.end, span.end)
        else:
            parts = self._parts(span)
            for i, part in enumerate(parts):
                yield from self._clause(part, first=i == 0, whole=len(parts) == 1)

    def _answered(self, span: Span, at: int, head: answers.Head) -> Iterator[Claim]:
        rest_at = span.start + framing.framing_end(self.flat[span.start : span.end], at - span.start)
        rest = plain(self.masked[rest_at : span.end])
        stated = self.question.yes() if head.agrees else self.question.no()
        if not any(char.isalnum() for char in rest) or answers.is_filler(rest):
            yield from self._yes_or_no(span, span.end, head.agrees)
            return
        if _REASON.match(rest) and stated and self.question.affirmed:
            yield from self._emit(span, sentence(f"{stated.rstrip('.')} {rest[0].lower()}{rest[1:]}"))
            return
        remainder = self._trimmed(rest_at, span.end)
        statement = answers.kind_of(rest) is answers.Kind.STATEMENT
        if not self.question.asks and (statement or len(rest.split()) > _COURTESY_WORDS_MAX):
            stated = ""  # nobody asked, so the answer is what follows
        repeated, self.answered = self.answered, True
        if statement and repeated:
            stated = ""  # "No, it is not green" after the answer was given
        said_again = statement and restates(stated, self._standalone(rest), head.agrees)
        if remainder is None or said_again or not (self.question.asks or stated):
            yield from self._clauses_from(span.start, rest_at, span.end)
        elif statement or answers.kind_of(rest) is answers.Kind.NOTHING:
            yield from self._yes_or_no(span, rest_at, head.agrees)
            yield from self._clauses_from(remainder.start, remainder.start, remainder.end)
        else:
            yield from self._answered_with_phrase(span, at, rest_at, head.agrees)

    def _answered_with_phrase(self, span: Span, at: int, rest_at: int, agrees: bool) -> Iterator[Claim]:
        """A yes or no with a phrase behind it: "Yes, since 1889", "No, Paris", "Yes, John"."""
        stated = self.question.yes() if agrees else self.question.no()
        rest = plain(self.masked[rest_at : span.end])
        remainder = self._trimmed(rest_at, span.end)
        if remainder is not None and not agrees and self.question.slot is not None and len(rest.split()) <= 6:
            yield from self._yes_or_no(span, rest_at, agrees)
            yield from self._emit(remainder, self.question.short_answer(rest))
        elif answers.is_called_name(rest) or not stated:
            text = stated or (rest if self.question.about_speaker is False else "")
            yield from self._emit(span, text)
        else:
            qualified = plain(self.masked[at : span.end])  # with its "but"
            yield from self._emit(span, sentence(f"{stated.rstrip('.')}, {qualified}"))

    def _yes_or_no(self, span: Span, end: int, agrees: bool) -> Iterator[Claim]:
        self.answered = True
        own = self._trimmed(span.start, end)
        stated = self.question.yes() if agrees else self.question.no()
        if own is not None and stated:
            yield from self._emit(own, stated)

    def _clauses_from(self, start: int, at: int, end: int) -> Iterator[Claim]:
        """The clauses from `at`; what stands from `start` to `at` belongs to the span of the first."""
        inner = self._trimmed(at, end)
        if inner is None:
            return
        for i, part in enumerate(self._parts(inner)):
            yield from self._clause(part, first=i == 0, whole=False, span_start=start if i == 0 else part.start)

    def _parts(self, span: Span) -> list[Span]:
        """The clauses of a sentence, one that would not be understood without the clause before left with it."""
        parts: list[Span] = []
        for part in clauses(self.flat, span):
            if parts and part.end - parts[-1].start <= CLAIM_CHARS_MAX and self._leans(parts[-1], part):
                parts[-1] = Span(parts[-1].start, part.end)
            else:
                parts.append(part)
        return parts

    def _leans(self, before: Span, part: Span) -> bool:
        """Whether the clause begins with a pronoun whose noun is not plain: "She met Tom, and he paid"."""
        text = plain(self.masked[part.start + framing.framing_end(self.flat[part.start : part.end]) : part.end])
        pronoun = leading(text)
        if not pronoun:
            return False
        said = plain(self.masked[before.start + framing.framing_end(self.flat[before.start : before.end]) : before.end])
        if leading(said) == pronoun:
            return False
        subject = leading_subject(resolved(said, self.subject))
        return resolved(text, subject if can_be_meant(subject) else self.subject) == text

    def _clause(self, part: Span, first: bool, whole: bool, span_start: int | None = None) -> Iterator[Claim]:
        at = framing.framing_end(self.flat[part.start : part.end])
        inner = self._said_in_document(part, part.start + at)
        text = framing.without_tail(plain(self.masked[inner : part.end]).lstrip(" ,;:–—)"))
        if _RHETORICAL.match(self.flat, part.start):
            text = text.rstrip("?") + "."
        span = Span(part.start if span_start is None else span_start, part.end)
        kind = answers.kind_of(text, asked=self._is_asked)
        if kind is answers.Kind.NOTHING or self._is_silence(text):
            yield from self._after_but(part, inner)
            return
        if answers.is_order(text):
            if self.question.goal:
                yield from self._emit(span, sentence(f"{self.question.goal}, {text[:1].lower()}{text[1:]}"))
            return
        if kind is answers.Kind.PHRASE or (self.only_phrases and self.question.asks_why and _REASON.match(text)):
            yield from self._phrase(span, text, cut=inner > part.start)
            return
        subject_alone = _SUBJECT_ALONE.match(text)
        if subject_alone and self.only_phrases and self.question.slot is not None:
            yield from self._phrase(span, subject_alone[1])
            return
        self.only_phrases = False
        cut = inner > part.start or not first
        yield from self._emit(span, self._whole(self._standalone(text), cut or not whole, text))

    def _said_in_document(self, part: Span, at: int) -> int:
        """Behind "The document says", if a clause follows that stands without it."""
        end = framing.attributed_end(self.flat, at)
        return end if end > at and end < part.end and is_statement(plain(self.masked[end : part.end])) else at

    def _is_silence(self, text: str) -> bool:
        """Whether it says only that the document does not tell, and nobody asked whether it does."""
        return not self.question.affirmed and answers.says_unknown(text, self._is_asked)

    @property
    def _is_asked(self) -> bool:
        return self.question.asks and bool(self.question.text)

    def _after_but(self, part: Span, at: int) -> Iterator[Claim]:
        """What follows a "but" still counts: "I don't know, but the tower is in Rome"."""
        if answers.asks(self.flat[part.start : part.end]):
            return
        follows = framing.after_but(self.flat, at, part.end) if part.end - at <= CLAIM_CHARS_MAX else None
        if follows is None:
            return
        text = plain(self.masked[follows : part.end])
        if is_statement(text) and answers.kind_of(text) is answers.Kind.STATEMENT:
            inner = self._trimmed(follows, part.end)
            if inner is not None:
                yield from self._clause(inner, first=False, whole=False)

    def _phrase(self, span: Span, text: str, cut: bool = False) -> Iterator[Claim]:
        """A phrase: an answer to the question as long as nothing else was said, else what it is."""
        if self.question.about_speaker and self.only_phrases:
            if len(text.split()) > _COURTESY_WORDS_MAX:
                yield from self._emit(span, text)
            return
        if self.only_phrases and ": " not in text:
            yield from self._emit(span, self._short_answer(text))
            return
        keyed = items.keyed(text, self.question.topic or self.subject)
        yield from self._emit(span, capitalised(keyed or text) if cut else keyed or text)
        if text[:1].isupper() and len(text.split()) <= SUBJECT_WORDS_MAX and ": " not in text:
            self.last_subject = text.rstrip(" .!")

    def _short_answer(self, text: str) -> str:
        question = self.question
        if self.in_item and question.slot is not None:  # one of several
            question = replace(question, slot=replace(question.slot, before=items.among(question.slot.before)))
        return question.short_answer(text)

    def _standalone(self, text: str) -> str:
        """The text with its leading pronoun resolved, unless a "he" would follow a "she" for the same person."""
        gender = gender_of(text)
        if gender and self.gender.get(self.subject, gender) != gender:
            return text
        if gender:
            self.gender[self.subject] = gender
        return object_resolved(resolved(text, self.subject), self.question.object)

    def _whole(self, text: str, cut: bool, original: str) -> str:
        """A sentence that was left whole keeps its own end; one that was cut gets a capital and a full stop."""
        if not cut:
            return capitalised(text) if text != original else text
        return sentence(text.rstrip(" ,;:-–—"))

    def _emit(self, span: Span, text: str) -> Iterator[Claim]:
        if not any(char.isalnum() for char in text):
            return
        if len(text) > _CLAIM_TEXT_CHARS_MAX:
            text = plain(self.masked[span.start : span.end])
        subject = leading_subject(text)
        if can_be_meant(subject):
            self.last_subject = subject
        elif is_text_under_test(subject) or not (subject or _STAYS_WITH.match(text)):
            self.last_subject = ""  # what a pronoun after it means is not plain
        yield Claim(text, span)
