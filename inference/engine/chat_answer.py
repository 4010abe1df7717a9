"""What a chat completion says, read out of its bytes. Pure functions; whatever is not there as it should be raises."""

from typing import Any

import orjson

from inference.engine.chat_body import CHOICE
from inference.engine.language_model import ChosenToken, ModelAnswer
from inference.engine.token_texts import aligned, sliced
from inference.errors import EngineUnreadable
from inference.verdict import NO_TOKENS, Tokens

TOKENS_MAX = 100_000
"""Tokens of an answer that are looked at; more come from no request of ours."""

_BROKEN_OFF = frozenset({"length", "content_filter", "abort"})
"""Reasons to end that are none of the model's own."""


def answer_of(body: bytes, engine: str) -> ModelAnswer:
    """The answer in `body`. A model that refused has said nothing. Raises EngineUnreadable, in the name of `engine`."""
    try:
        completion = orjson.loads(body)
        choice = completion["choices"][0]
        text = choice["message"].get("content") or ""
        if not isinstance(text, str):
            raise TypeError("content is no text")
        text.encode()
        complete = choice.get("finish_reason") not in _BROKEN_OFF
        return ModelAnswer(text, complete, _tokens(choice, text), spent_on(completion))
    except (orjson.JSONDecodeError, KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
        raise EngineUnreadable(f"{engine} answered what is no chat completion ({type(error).__name__}).") from error


def choice_of(answer: ModelAnswer, choices: tuple[str, ...]) -> ModelAnswer:
    """The value alone of an answer that was bound to `{"answer": one of choices}`, with its own tokens.

    An answer that is not of this form comes back as it is: who asked will not find it among the choices.
    """
    try:
        value = orjson.loads(answer.text)[CHOICE]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return answer
    if value not in choices:
        return answer
    written = orjson.dumps(value)[1:-1]
    text = answer.text.encode()
    start = text.rfind(written)
    if start < 0:  # written with escapes
        return ModelAnswer(value, answer.complete, (), answer.spent)
    return ModelAnswer(value, answer.complete, sliced(answer.tokens, start, start + len(written)), answer.spent)


def _tokens(choice: dict[str, Any], text: str) -> tuple[ChosenToken, ...]:
    told = (choice.get("logprobs") or {}).get("content") or []
    return aligned([_token(item) for item in told[:TOKENS_MAX]], text.encode())


def _token(item: dict[str, Any]) -> ChosenToken:
    text = _text(item)
    alternatives = [(_text(other), float(other["logprob"])) for other in item.get("top_logprobs") or []]
    if all(other != text for other, _ in alternatives):
        alternatives.append((text, float(item["logprob"])))
    return ChosenToken(text, tuple(alternatives))


def _text(item: dict[str, Any]) -> bytes:
    told = item.get("bytes")
    if told is None:
        return str(item["token"]).encode(errors="replace")
    if not isinstance(told, list):
        raise TypeError("bytes are no list")
    return bytes(told)


def spent_on(completion: dict[str, Any]) -> Tokens:
    """The tokens that a completion, or a chunk of one, says it took; none where it does not say. Raises ValueError and
    TypeError for counts that are none."""
    usage = completion.get("usage")
    if not isinstance(usage, dict):
        return NO_TOKENS
    return Tokens(max(0, int(usage.get("prompt_tokens") or 0)), max(0, int(usage.get("completion_tokens") or 0)))
