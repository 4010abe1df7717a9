"""Requests within the sizes of their caller's plan: who counts what is too long to fit without counting.

What is decided is in `accounts/sizes.py`. Callers without a plan never come here. A text is counted once at the most,
and only if it has more bytes than the plan allows tokens.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import Request

from inference.engine.engine import Engine
from inference.engine.engine_model import context_tokens_of
from inference.errors import EngineError
from server.accounts.asked_fields import CHAT, check_names
from server.accounts.asked_text import Text, field_of, longest_of, text_of
from server.accounts.sizes import Sizes
from server.accounts.visit import visit_of
from server.house import House
from server.http.disconnect import unless_client_leaves
from tools.question import FieldNames, Question
from tools.word_count import words_and_marks

NOTHING: Mapping[str, int] = {}

COUNTED_FIELDS = ("messages", "tools", "chat_template", "chat_template_kwargs")
"""Of a chat completion, those that its tokens come from, as they are told to a tokenizer. It takes documents too, but
with the arguments of the template."""


async def fields_within_plan(
    house: House, engine: Engine, sizes: Sizes, path: str, asked: Mapping[str, Any], size: int
) -> Mapping[str, int]:
    """What has to be put into the request `asked`, whose JSON has `size` bytes, so that the engine stays within the
    plan: nothing, or how much it may write.

    Raises ContextTooLong, and BadInput for a request that has more written than the plan allows.
    """
    request = _Request(house, engine, sizes, path, asked)
    output = sizes.output_of(path, asked)
    if not sizes.fits(size):
        await request.check_context()
    if output is None:
        return NOTHING
    described = house.engines.described(sizes.model)
    name = output.to_tell(path, str(described.get("owned_by")))
    context = context_tokens_of(described, default=0)
    if name is None or (context and output.is_more_than(context)):
        return NOTHING
    if context and size + output.value > context and not await request.leaves(output.value, context):
        return NOTHING
    return {name: output.value}


async def fields_of_request(
    request: Request, engine: Engine, path: str, asked: Mapping[str, Any], size: int
) -> Mapping[str, int]:
    """The same for a request over HTTP, whose body has been read: ends with its client, by ClientDisconnect."""
    visit = visit_of(request.scope)
    if visit.caller.plan is None:
        return NOTHING
    check_names(asked)
    sizes = visit.sizes(asked["model"])
    if sizes is None:
        return NOTHING
    house: House = request.app.state.house
    return await unless_client_leaves(request, fields_within_plan(house, engine, sizes, path, asked, size))


def with_fields(body: bytes, fields: Mapping[str, int]) -> bytes:
    """The JSON object `body` with `fields` at its end, and every other byte as it was. Where a name comes twice, the
    last counts."""
    return body.rstrip()[:-1] + b"," + orjson.dumps(fields)[1:] if fields else body


async def check_reading(sizes: Sizes | None, question: Question, fields: FieldNames) -> None:
    """Raises ContextTooLong, in the caller's `fields`, if a verification has to read more than the plan allows: its
    words and marks, as they are counted for `usage`."""
    if sizes is None:
        return
    document = question.document or ""
    texts = (question.prompt, question.response, document, question.material)
    if sizes.fits(sum(map(len, texts))):
        return
    of_field = {fields.prompt: question.prompt + question.material, fields.response: question.response}
    param = max(of_field, key=lambda name: len(of_field[name]))
    if len(document) > len(of_field[param]):
        param = fields.document
    sizes.check_context(await asyncio.to_thread(words_and_marks, *texts), param)


class _Request:
    """A request to an engine, whose text is measured and counted when that is needed, once."""

    def __init__(self, house: House, engine: Engine, sizes: Sizes, path: str, asked: Mapping[str, Any]) -> None:
        self._house = house
        self._engine = engine
        self._sizes = sizes
        self._path = path
        self._asked = asked
        self._text: Text | None = None
        self._counted: int | None = None
        self._was_counted = False

    async def check_context(self) -> None:
        """Raises ContextTooLong."""
        text = self._measured()
        if self._sizes.fits(text.size):
            return
        tokens = None if self._sizes.is_hopeless(text.size) else await self._tokens()
        if tokens is None:
            self._sizes.check_estimate(self._path, self._asked)
        else:
            self._sizes.check_context(tokens, field_of(self._path))

    async def leaves(self, tokens: int, context: int) -> bool:
        """Whether the request leaves room for so many tokens in the context of its model; it does if nobody can say."""
        text = self._measured()
        if text.size + tokens <= context and not text.more:
            return True
        sent = await self._tokens()
        return sent is None or sent + tokens <= context

    def _measured(self) -> Text:
        if self._text is None:
            self._text = text_of(self._path, self._asked)
        return self._text

    async def _tokens(self) -> int | None:
        """The engine's own count; None if it has none."""
        if self._measured().is_tokens:
            return self._measured().size
        if not self._was_counted:
            self._was_counted = True
            try:
                self._counted = await self._house.tokenizers.count(self._engine, self._to_count())
            except EngineError:  # it will say so again when it is asked
                self._counted = None
        return self._counted

    def _to_count(self) -> dict[str, Any]:
        asked: dict[str, Any] = {"model": self._sizes.model}
        if self._path == CHAT:
            asked |= {name: self._asked[name] for name in COUNTED_FIELDS if name in self._asked}
            given = asked.get("chat_template_kwargs") or {}
            if (documents := self._asked.get("documents")) and isinstance(given, dict):
                asked["chat_template_kwargs"] = {"documents": documents, **given}
            return asked
        text = longest_of(self._asked.get(field_of(self._path)))
        suffix = self._asked.get("suffix")
        return asked | {"prompt": f"{text}{suffix}" if isinstance(text, str) and isinstance(suffix, str) else text}
