"""The form that the judge's answer is bound to, and how many tokens it can take. Pure functions.

The statement and the quotes come before the verdict: the model has looked at what it goes by when it decides. There is
no field for anything else, so nothing that a text under test talks the model into saying reaches a reader: statements
and quotes are checked against the texts. Only plain keywords of JSON Schema are used, which vLLM's guidance backend and
llama.cpp know. A hosted engine that refuses one is told the form in words (`engine_model.py`).
"""

import math
from typing import Any

from inference.judges.judge import ClaimInQuestion
from inference.judges.language_model.case import Case
from inference.verdict import Basis, Label

STATEMENT_CHARS_MAX = 300
QUOTE_CHARS_MAX = 240
"""Two or three sentences. A quote is what decides, not all that speaks of it."""
QUOTES_MAX = 2
NOT_FOUND_BYTES_MAX = 60
"""Of a quote that was not found, where a claim is judged again: enough to know it by."""
UNUSABLE_BYTES_MAX = 200
"""Of an answer that could not be read, where it is asked for again. Of any garbage a token is a byte at least."""

_FRAME_TOKENS = 80
"""Of a claim in the answer: keys, braces, the number, the verdict, in the spelling that takes most."""
_FOLLOW_UP_FRAME_TOKENS = 200
_BYTES_PER_TOKEN = 2.5
"""Of an answer. English has about 4, numbers and names fewer, a Chinese character of 3 bytes is a token or less."""


def answer_schema(case: Case) -> dict[str, Any]:
    """The JSON schema for an answer on `case`."""
    item: dict[str, Any] = {
        "claim": {"type": "integer", "enum": list(range(1, len(case.claims) + 1))},
        "statement": {"type": "string", "maxLength": STATEMENT_CHARS_MAX},
        "evidence": _evidence(case),
    }
    if case.knowledge_allowed:
        item["basis"] = {"type": "string", "enum": [basis.value for basis in Basis]}
    item["verdict"] = {"type": "string", "enum": [label.value for label in Label]}
    count = len(case.claims)
    return _closed({"claims": {"type": "array", "minItems": count, "maxItems": count, "items": _closed(item)}})


def answer_tokens_max(case: Case) -> int:
    """A bound for the answer on `case`; for some of its claims no more than for all, whatever their scripts."""
    chars = STATEMENT_CHARS_MAX + QUOTES_MAX * QUOTE_CHARS_MAX
    return sum(_FRAME_TOKENS + _tokens_of(item, chars) for item in case.claims)


def follow_up_tokens_max(case: Case) -> int:
    """A bound for what is added when `case`, or some of its claims, are asked again: quotes that were not found, and an
    unusable answer."""
    return _FOLLOW_UP_FRAME_TOKENS + UNUSABLE_BYTES_MAX + len(case.claims) * QUOTES_MAX * NOT_FOUND_BYTES_MAX


def _tokens_of(item: ClaimInQuestion, chars: int) -> int:
    """Tokens for so many characters of the texts that an answer on a claim may repeat, in their own script."""
    texts = [item.claim.text, *(passage.text for passage in item.passages)]
    bytes_per_char = sum(len(text.encode()) for text in texts) / max(1, sum(map(len, texts)))
    return math.ceil(chars * bytes_per_char / _BYTES_PER_TOKEN)


def _evidence(case: Case) -> dict[str, Any]:
    quote = {
        "passage": {"type": "string", "enum": case.passage_names() or ["none"]},
        "quote": {"type": "string", "minLength": 1, "maxLength": QUOTE_CHARS_MAX},
    }
    return {"type": "array", "maxItems": QUOTES_MAX if case.passages else 0, "items": _closed(quote)}


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
