"""How sure a model was of one word of its answer against another. Pure."""

from inference.engine.language_model import ModelAnswer
from inference.judges.language_model.verdict_odds import label_odds


def probability_of(answer: ModelAnswer, start: int, yes: str, no: str) -> float | None:
    """The probability of the word `yes` against `no`, both in small letters, where the answer has one of them.

    `start` is the character of the answer's text with which the word begins. Over all spellings of both words; None if
    the engine tells no odds, or none that know either word.
    """
    text = answer.text.encode()
    odds = label_odds(answer.tokens, text, len(answer.text[:start].encode()), (yes, no))
    return None if odds is None else odds[yes]
