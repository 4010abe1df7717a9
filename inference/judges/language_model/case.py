"""What the judge is shown: the claims of a run, the passages, and the question and the response they stand in.

All of it is one JSON object in one user message; see `inference/prompts/data.py` for why nothing in it can pose as
anything else. The passages come first, so that an engine which keeps the beginnings of prompts reads them once for
several asks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from inference.engine.language_model import Turn
from inference.judges.judge import ClaimInQuestion, Exchange
from inference.prompts.data import as_data
from inference.prompts.prompt import Prompt
from inference.text.shorten import LEFT_OUT, ends_of
from inference.verdict import Passage, SourceKind

QUESTION_CHARS_MAX = 2_000
"""Characters of the question that are shown: of a longer one, such as a whole conversation, its beginning and its end.
A claim's text stands on its own, so this is only the setting."""
RESPONSE_MARGIN_CHARS = 400
"""Characters of the response shown before the first claim of a run and after its last one."""


@dataclass(frozen=True, slots=True)
class Case:
    """Claims to judge together. A claim is named by its number from 1, a passage by "p" and its number.

    `quotes_not_found` are by claim number. `unusable` is an earlier answer that could not be read, and why. Without its
    `setting`, the question and what stands around the claims in the response are left out.
    """

    exchange: Exchange
    claims: tuple[ClaimInQuestion, ...]
    passages: tuple[Passage, ...] = ()
    knowledge_allowed: bool = False
    quotes_not_found: Mapping[int, Sequence[str]] = field(default_factory=dict)
    unusable: tuple[str, str] | None = None
    setting: bool = True

    def with_passages(self, passages: Sequence[Passage]) -> "Case":
        return replace(self, passages=tuple(passages))

    def after(self, answer: str, reason: str) -> "Case":
        """The same, asked again after an answer that could not be read."""
        return replace(self, unusable=(answer, reason))

    def passage_names(self) -> list[str]:
        return [f"p{number}" for number in range(1, len(self.passages) + 1)]

    def passage_named(self, name: str) -> Passage | None:
        names = self.passage_names()
        return self.passages[names.index(name)] if name in names else None


def knowledge_allowed(exchange: Exchange, claims: Sequence[ClaimInQuestion]) -> bool:
    """Whether a model may say what it remembers: never where a document was given, for then only that counts."""
    given = any(passage.kind is SourceKind.DOCUMENT for item in claims for passage in item.passages)
    return not exchange.document_only and not given


def turns_of(case: Case, prompt: Prompt) -> tuple[Turn, ...]:
    """What we say, and what we show."""
    rule = prompt["with_knowledge"] if case.knowledge_allowed else prompt["evidence_only"]
    return Turn("system", f"{prompt['system']}\n{rule}".strip()), Turn("user", as_data(_shown(case)))


def _shown(case: Case) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "passages": [
            {"id": name, "source": passage.kind.value, "title": passage.title, "text": passage.text}
            for name, passage in zip(case.passage_names(), case.passages, strict=True)
        ],
        "question": ends_of(case.exchange.prompt, QUESTION_CHARS_MAX) if case.setting else LEFT_OUT,
        "response": _around(case.exchange.response, case.claims, RESPONSE_MARGIN_CHARS if case.setting else 0),
        "claims": [{"claim": number, "text": item.claim.text} for number, item in enumerate(case.claims, 1)],
    }
    if case.quotes_not_found:
        shown["quotes_not_found"] = [
            {"claim": number, "quotes": list(quotes)} for number, quotes in case.quotes_not_found.items()
        ]
    if case.unusable:
        answer, reason = case.unusable
        shown["unusable_answer"] = {"answer": answer, "reason": reason}
    return shown


def _around(response: str, claims: Sequence[ClaimInQuestion], margin_chars: int) -> str:
    """The stretch of the response that makes the claims, with some text around it."""
    start = max(0, min(item.claim.span.start for item in claims) - margin_chars)
    end = min(len(response), max(item.claim.span.end for item in claims) + margin_chars)
    before, after = LEFT_OUT if start else "", LEFT_OUT if end < len(response) else ""
    return before + response[start:end] + after
