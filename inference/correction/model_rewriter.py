"""Rewrites sentences with a language model, bound to a schema. The sentence and its quotes are data, never a prompt.

It promises one line of plain text of bounded length. That what it says is true is for a judge to say.
"""

import asyncio
from collections.abc import Sequence

import orjson

from inference.correction.rewriter import Rewritten, SentenceInQuestion
from inference.engine.json_alone import json_alone
from inference.engine.language_model import WITHOUT_THOUGHT, Ask, LanguageModel, Turn
from inference.errors import TouchstoneError
from inference.prompts.data import as_data
from inference.prompts.prompt import load_prompt
from inference.side_by_side import all_of

SIDE_BY_SIDE_MAX = 4  # sentences at the model at once, for one response
QUOTES_MAX = 6  # shown for a sentence, best first
QUOTE_CHARS_MAX = 1_500  # a longer quote is left out, never cut: half a sentence may say the opposite
SENTENCE_CHARS_MAX = 2_000  # a longer sentence is not rewritten
GROWTH_CHARS_MAX = 120  # a rewritten sentence may be longer than the old one by this
TOKENS_MIN = 96  # of an answer, beside those that its text takes

SCHEMA = {
    "type": "object",
    "properties": {"text": {"type": "string", "maxLength": SENTENCE_CHARS_MAX + GROWTH_CHARS_MAX}},
    "required": ["text"],
    "additionalProperties": False,
}
_NOT_PLAIN = ("](", "://", "```", "|", "<")
"""What a rewritten sentence has only if the old one had it: Markdown, addresses and tags are no part of an answer."""


class ModelRewriter:
    """Asks a language model for each sentence. Holds no state."""

    def __init__(self, model: LanguageModel) -> None:
        self._model = model
        self._prompt = load_prompt("rewrite")
        self.name = model.name

    async def rewrite(self, sentences: Sequence[SentenceInQuestion]) -> list[Rewritten]:
        places = asyncio.Semaphore(SIDE_BY_SIDE_MAX)

        async def one(sentence: SentenceInQuestion) -> Rewritten:
            async with places:
                return await self._rewritten(sentence)

        return await all_of([one(sentence) for sentence in sentences]) if sentences else []

    async def _rewritten(self, sentence: SentenceInQuestion) -> Rewritten:
        quotes = [quote for quote in sentence.quotes() if len(quote) <= QUOTE_CHARS_MAX][:QUOTES_MAX]
        if not quotes or len(sentence.text) > SENTENCE_CHARS_MAX:
            return Rewritten(None)
        try:
            answer = await self._model.answer(self._ask(sentence, quotes))
        except TouchstoneError:  # no verdict hangs on it: the sentence is removed instead, and its edit says so
            return Rewritten(None)
        return Rewritten(_text_of(answer.text, sentence.text) if answer.complete else None, answer.spent)

    def _ask(self, sentence: SentenceInQuestion, quotes: Sequence[str]) -> Ask:
        claims = [{"claim": c.claim.text, "verdict": c.judgement.label.value} for c in sentence.claims]
        data = as_data({"sentence": sentence.text, "claims": claims, "quotes": list(quotes)})
        turns = (Turn("system", self._prompt["system"].strip()), Turn("user", data))
        tokens_max = TOKENS_MIN + len(sentence.text)
        return Ask(turns, tokens_max, schema=SCHEMA, template_arguments=WITHOUT_THOUGHT)


def _text_of(answer: str, old: str) -> str | None:
    """The rewritten sentence in an answer; None if it is no such thing."""
    found = json_alone(answer)
    if found is None:
        return None
    try:
        body = orjson.loads(answer[found.start : found.end])
    except orjson.JSONDecodeError:
        return None
    text = body.get("text") if isinstance(body, dict) else None
    if not isinstance(text, str):
        return None
    line = " ".join(text.split())
    too_long = len(line) > len(old) + GROWTH_CHARS_MAX
    dressed = any(mark in line and mark not in old for mark in _NOT_PLAIN)
    unprintable = not line.isprintable()
    return None if too_long or dressed or unprintable else line
