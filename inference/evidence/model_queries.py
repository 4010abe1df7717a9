"""Search queries written by a language model, one call for a run of claims.

The model is shown the question, the answer and the claims as data, in a message of their own, and is bound to a schema
that leaves room for queries alone; what it writes is made harmless before it is used (`queries.harmless`). So a hostile
text can at worst have the wrong words searched for.

An answer that cannot be read is asked for once more, with the fault shown; after that the claims are searched for in
their own words, which `Written.failure` says and `fell_back` counts. That is no guess: what is found is judged all the
same. A model that cannot be reached raises JudgeUnavailable, since it is the one that judges.
"""

from collections.abc import Callable, Sequence
from typing import Any

import orjson

from inference.engine.language_model import WITHOUT_THOUGHT, Ask, LanguageModel, ModelAnswer, Turn
from inference.errors import ContextTooLong, EngineUnavailable, EngineUnreadable, JudgeUnavailable, ModelNotFound
from inference.evidence.queries import (
    QUERIES_PER_CLAIM_MAX,
    QUERY_CHARS_MAX,
    Tried,
    Written,
    first_words,
    harmless,
    new,
    own_words,
    plain,
)
from inference.judges.judge import Exchange
from inference.prompts.data import as_data
from inference.prompts.prompt import load_prompt
from inference.verdict import NO_TOKENS, Claim

PROMPT_CHARS_MAX = 2_000
"""Characters of the prompt that are shown: enough to tell what is talked about."""

AROUND_CHARS_MAX = 3_000
"""Characters of the response that are shown, from where the claims stand: enough to find a pronoun's noun."""

BEFORE_CHARS = 500
"""Characters of these that stand before the first claim."""

CLAIM_CHARS_MAX = 500
"""Characters of a claim that are shown."""

TITLES_SHOWN_MAX, TITLE_CHARS_MAX = 6, 100
"""Titles of pages that were found for a claim, and characters of each."""

TRIES_MAX = 2
"""Asks for one set of queries: the first, and one more, with what was wrong or, if it did not fit, with less."""

TOKENS_PER_QUERY = 80
"""Tokens that a query may take in the answer: QUERY_CHARS_MAX characters in most languages, quotes and comma."""

TOKENS_PER_CLAIM = 8
"""Tokens for a claim's number and brackets in the answer."""

UNUSABLE_CHARS_MAX = 300
"""Characters of an unusable answer that the model is shown again."""

FAILURE = "the model wrote no usable search queries"


class _Unusable(ValueError):
    """The answer holds no queries. Its text is ours and goes to the model."""


class ModelQueryWriter:
    """Has `model` write the queries. `fell_back` is called each time that claims' own words had to stand in."""

    writes = True

    def __init__(self, model: LanguageModel, fell_back: Callable[[], None] = lambda: None) -> None:
        self._model = model
        self._prompt = load_prompt("queries")
        self._fell_back = fell_back

    async def write(self, exchange: Exchange, claims: Sequence[Claim], tried: Sequence[Tried]) -> Written:
        spent = NO_TOKENS
        material = shown(exchange, claims, tried)
        for _ in range(TRIES_MAX):
            try:
                answer = await self._ask(material, len(claims))
            except ContextTooLong:
                material |= {"prompt": "", "response": ""}  # the claims stand on their own as well as they can
                continue
            except EngineUnreadable:
                break
            spent += answer.spent
            try:
                queries = read_queries(answer, len(claims))
            except _Unusable as error:
                material["unusable_answer"] = {"answer": answer.text[:UNUSABLE_CHARS_MAX], "reason": str(error)}
                continue
            return Written(tuple(new(q, t) for q, t in zip(queries, tried, strict=True)), spent)
        self._fell_back()
        return own_words(claims, tried, spent, FAILURE)

    async def _ask(self, material: dict[str, Any], claims: int) -> ModelAnswer:
        try:
            return await self._model.answer(
                Ask(
                    (Turn("system", self._prompt["system"]), Turn("user", as_data(material))),
                    tokens_max=answer_tokens_max(claims),
                    schema=schema_for(claims),
                    template_arguments=WITHOUT_THOUGHT,
                )
            )
        except (EngineUnavailable, ModelNotFound) as error:  # the caller named no model, so cannot mend that either
            raise JudgeUnavailable(f"The judge's model wrote no search queries: {error.message}") from error


def shown(exchange: Exchange, claims: Sequence[Claim], tried: Sequence[Tried]) -> dict[str, Any]:
    """What the model is shown: excerpts of the exchange, the claims, and what was tried."""
    start = max(0, min(claim.span.start for claim in claims) - BEFORE_CHARS)
    return {
        "prompt": first_words(plain(exchange.prompt[:PROMPT_CHARS_MAX]), PROMPT_CHARS_MAX),
        "response": first_words(plain(exchange.response[start : start + AROUND_CHARS_MAX]), AROUND_CHARS_MAX),
        "claims": {str(number): _shown_claim(*pair) for number, pair in enumerate(zip(claims, tried, strict=True), 1)},
    }


def _shown_claim(claim: Claim, tried: Tried) -> dict[str, Any]:
    text = {"claim": first_words(plain(claim.text), CLAIM_CHARS_MAX)}
    if not tried.queries:
        return text
    titles = [first_words(plain(title), TITLE_CHARS_MAX) for title in tried.titles[:TITLES_SHOWN_MAX]]
    return text | {"searched": [harmless(query) for query in tried.queries], "found": titles}


def answer_tokens_max(claims: int) -> int:
    """Tokens that the queries for so many claims may take."""
    return claims * (QUERIES_PER_CLAIM_MAX * TOKENS_PER_QUERY + TOKENS_PER_CLAIM)


def schema_for(claims: int) -> dict[str, Any]:
    """The JSON schema of the answer: for each claim, by its number, one or a few short strings."""
    query = {"type": "string", "minLength": 1, "maxLength": QUERY_CHARS_MAX}
    queries = {"type": "array", "items": query, "minItems": 1, "maxItems": QUERIES_PER_CLAIM_MAX}
    numbers = [str(number) for number in range(1, claims + 1)]
    return {
        "type": "object",
        "properties": dict.fromkeys(numbers, queries),
        "required": numbers,
        "additionalProperties": False,
    }


def read_queries(answer: ModelAnswer, claims: int) -> list[list[str]]:
    """The queries for each claim, harmless and bounded in number. Raises `_Unusable` if a claim has none."""
    if not answer.complete:
        raise _Unusable("the answer was cut off; write fewer and shorter queries")
    text = answer.text.rpartition("</think>")[2]
    start, end = text.find("{"), text.rfind("}")  # some engines let a model talk around its JSON: here it may
    try:
        said = orjson.loads(text[start : end + 1] if start >= 0 else "")
    except orjson.JSONDecodeError:
        raise _Unusable("the answer is no JSON") from None
    if not isinstance(said, dict):
        raise _Unusable("the answer is no JSON object")
    return [_queries_of(said.get(str(number)), number) for number in range(1, claims + 1)]


def _queries_of(said: Any, number: int) -> list[str]:
    if not isinstance(said, list) or not all(isinstance(query, str) for query in said):
        raise _Unusable(f"claim {number} has no list of strings")
    queries = [query for query in map(harmless, said) if query][:QUERIES_PER_CLAIM_MAX]
    if not queries:
        raise _Unusable(f"claim {number} has no query of plain words")
    return queries
