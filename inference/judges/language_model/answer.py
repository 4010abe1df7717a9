"""What the judge answered, read out of its JSON. Pure. What is not of the form raises `Unusable` and says how.

No label is ever made up here: an answer that was cut off, that refuses, or that leaves a claim out is unusable as a
whole.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import orjson
from pydantic import BaseModel, BeforeValidator, Field, ValidationError

from inference.engine.json_alone import json_alone
from inference.engine.language_model import ChosenToken, ModelAnswer
from inference.judges.language_model.case import Case
from inference.judges.language_model.json_places import string_places
from inference.judges.language_model.schema import QUOTES_MAX
from inference.judges.language_model.verdict_odds import label_odds, likeliest
from inference.verdict import Basis, Label, Span

LABELS = tuple(label.value for label in Label)


NUMBERS_SHOWN_MAX = 8
"""Numbers of claims that a fault names: an answer may hold any."""


class Unusable(Exception):
    """The answer cannot be read. The message says why in words for the model, of the form alone."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the judge said of one claim. `quotes` are pairs of a passage's name and a text. `odds` is None where the
    engine tells no probabilities; else `label` is the likeliest."""

    label: Label
    odds: Mapping[str, float] | None
    statement: str
    quotes: tuple[tuple[str, str], ...]
    basis: Basis

    @property
    def score(self) -> float | None:
        """The probability that the claim is supported."""
        return None if self.odds is None else min(1.0, self.odds[Label.SUPPORTED])


def opinions_in(answer: ModelAnswer, case: Case) -> list[Opinion]:
    """An opinion for each claim of `case`, in their order. Raises Unusable."""
    if not answer.text.strip():
        raise Unusable("it is empty")
    if not answer.complete:
        raise Unusable("it was cut off before its end; quote less")
    found = json_alone(answer.text)
    if found is None:
        raise Unusable("it is not one JSON object")
    items = _items(answer.text[found.start : found.end])
    numbers = [item.claim for item in items]
    if sorted(numbers) != list(range(1, len(case.claims) + 1)):
        raise Unusable(
            f"it needs one item for each claim from 1 to {len(case.claims)}, and has {numbers[:NUMBERS_SHOWN_MAX]}"
        )
    places = _verdict_places(answer.text, found)
    opinions = [_opinion(item, answer, places.get(index), case) for index, item in enumerate(items)]
    return [opinions[numbers.index(number)] for number in sorted(numbers)]


def _lower(value: Any) -> Any:
    return value.strip().lower().replace(" ", "_") if isinstance(value, str) else value


class _Quote(BaseModel):
    passage: str
    quote: str


class _Item(BaseModel):
    claim: Annotated[int, Field(strict=True)]
    statement: str = ""
    evidence: list[_Quote]
    basis: str = Basis.EVIDENCE.value
    verdict: Annotated[Label, BeforeValidator(_lower)]


class _Answer(BaseModel):
    claims: list[_Item]


def _items(text: str) -> list[_Item]:
    try:
        return _Answer.model_validate(orjson.loads(text)).claims
    except orjson.JSONDecodeError:
        raise Unusable("it is not valid JSON") from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise Unusable(f"{'.'.join(map(str, first['loc'])) or 'the answer'}: {first['msg']}") from None


def _verdict_places(text: str, found: Span) -> dict[int, int]:
    """Where the verdict of each item begins, as a byte offset in `text`, of which `found` is the JSON."""
    before, json = text[: found.start].encode(), text[found.start : found.end].encode()
    places: dict[int, int] = {}
    for path, place in string_places(json):
        match path:
            case ("claims", int(index), "verdict"):
                places[index] = len(before) + place
    return places


def _opinion(item: _Item, answer: ModelAnswer, place: int | None, case: Case) -> Opinion:
    odds = _odds(answer.tokens, answer.text, place)
    label = item.verdict if odds is None else Label(likeliest(odds, item.verdict.value))
    quotes = tuple((quote.passage, quote.quote) for quote in item.evidence[:QUOTES_MAX])
    knows = case.knowledge_allowed and item.basis == Basis.MODEL_KNOWLEDGE.value and not quotes
    return Opinion(label, odds, item.statement, quotes, Basis.MODEL_KNOWLEDGE if knows else Basis.EVIDENCE)


def _odds(tokens: tuple[ChosenToken, ...], text: str, place: int | None) -> Mapping[str, float] | None:
    if not tokens or place is None:
        return None
    return label_odds(tokens, text.encode(), place, LABELS)
