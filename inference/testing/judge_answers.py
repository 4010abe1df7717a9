"""Answers of a language model that judges, for scripts: what it says of each claim, and a whole judge that is honest.

`judges` writes an answer in the judge's form; `honest_judge` is a script that reads the judge's question and answers it
by comparing words. It knows no more than that, which is enough to see verdicts come and go with the evidence.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from inference.testing.scripted_engine import Heard
from inference.testing.scripted_reply import ScriptedReply, says
from inference.text.function_words import ENGLISH
from inference.text.words import words
from inference.verdict import Label

SURE = 0.9
"""The probability that a scripted judge gives its verdict if not told otherwise."""

_BEFORE_VERDICT = '"verdict":"'  # no text inside the JSON has this, for its quotes would be escaped
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]?")


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of one claim. `quotes` are pairs of a passage's name and a text; `odds` by label, SURE if None."""

    verdict: str
    quotes: Sequence[tuple[str, str]] = ()
    statement: str = ""
    basis: str | None = None
    odds: Mapping[str, float] | None = None


def judges(*said: Said, logprobs: bool = True) -> ScriptedReply:
    """An answer with an item for each claim, in order."""
    odds = [step for item in said for step in ((_BEFORE_VERDICT, {_BEFORE_VERDICT: 1.0}), (item.verdict, _odds(item)))]
    return says(answer_text(*said), odds, logprobs=logprobs)


def answer_text(*said: Said) -> str:
    """The JSON of such an answer."""
    items = [_item(number, item) for number, item in enumerate(said, 1)]
    return orjson.dumps({"claims": items}).decode()


def honest_judge(heard: Heard) -> ScriptedReply:
    """Supports a claim whose words all stand in one sentence of a passage, refutes one of which a number alone is
    missing there and another stands in its place, and leaves others open."""
    shown = orjson.loads(heard.messages[-1]["content"])
    return judges(*(_judged(claim["text"], shown["passages"]) for claim in shown["claims"]))


def _item(number: int, said: Said) -> dict[str, Any]:
    item: dict[str, Any] = {
        "claim": number,
        "statement": said.statement,
        "evidence": [{"passage": passage, "quote": quote} for passage, quote in said.quotes],
    }
    if said.basis is not None:
        item["basis"] = said.basis
    return item | {"verdict": said.verdict}


def _odds(said: Said) -> Mapping[str, float]:
    if said.odds is not None:
        return said.odds
    others = [label.value for label in Label if label != said.verdict]
    return {said.verdict: SURE} | dict.fromkeys(others, (1 - SURE) / len(others))


def _judged(claim: str, passages: Sequence[Mapping[str, str]]) -> Said:
    wanted = _content(claim)
    for verdict in (Label.SUPPORTED, Label.REFUTED):
        for passage in passages:
            for sentence in _SENTENCE.findall(passage["text"]):
                if _says(verdict, wanted, _content(sentence)):
                    return Said(verdict.value, [(passage["id"], sentence.strip())], claim)
    return Said(Label.NOT_ENOUGH_EVIDENCE.value, (), claim)


def _says(verdict: Label, wanted: frozenset[str], said: frozenset[str]) -> bool:
    missing = wanted - said
    if verdict is Label.SUPPORTED:
        return bool(wanted) and not missing
    return bool(missing) and all(word.isdigit() for word in missing) and any(word.isdigit() for word in said - wanted)


def _content(text: str) -> frozenset[str]:
    return frozenset(word.stem for word in words(text) if word.surface.lower() not in ENGLISH)
