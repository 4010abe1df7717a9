"""A call of `chat`: a language model answers, and its answer is verified if asked for.

The answer is never taken away by a verification that fails: it stands in the result, which is then an error that says
that nothing was verified.
"""

from collections.abc import Mapping
from contextlib import aclosing
from functools import partial
from typing import Any

import mcp_types as types
import orjson

from inference.engine.engine import Engine
from inference.errors import BadInput, EngineUnreadable, TooLarge
from inference.usage.token_usage import NO_USAGE, TokenUsage
from server.answers.counted import tokens_in, verify_counted
from server.answers.within_plan import NOTHING, fields_within_plan
from server.house import House
from server.mcp.arguments import ChatArguments
from server.mcp.caller import caller_of, visit_of_call
from server.mcp.chat_result import chat_result_json
from server.mcp.outcome import success, words_of
from server.mcp.progress import progress_of
from tools.chat import CHAT_PATH, ChatAnswer, ChatQuestion
from tools.chat_news import Answered, Arrived, chat_news, model_to_ask
from tools.question import check_text


async def chat(house: House, ctx: Any, asked: ChatArguments) -> types.CallToolResult:
    """Raises BadInput, ModelNotFound, ContextTooLong, Overloaded and EngineError."""
    messages = _messages(asked, house)
    model = await model_to_ask(house.engines, asked.model, house.verifier.judge.provenance.model)
    engine = await house.engines.serving(model)  # what nobody serves is not counted
    visit = await visit_of_call(house, ctx, model)
    fields = await _fields_within_plan(house, ctx, engine, model, messages)
    question = ChatQuestion(messages, model, asked.verify, fields)
    news = chat_news(engine, partial(verify_counted, house, spend=visit.spend), question)
    spent = NO_USAGE
    async with progress_of(ctx, f"waiting for {model}") as progress, aclosing(news):
        try:
            async for item in news:
                if isinstance(item, ChatAnswer):
                    return _result(item, asked.verify)
                if isinstance(item, Arrived):
                    spent = TokenUsage(output=item.pieces)  # while nobody tells better
                    progress.doing = f"{model} {'thinks' if item.thinking else 'writes'}: {item.pieces} tokens so far"
                elif isinstance(item, Answered):
                    spent = tokens_in(item.usage) if item.usage.total_tokens else spent
                else:
                    progress.doing = "judging"
                    await progress.hear(item)
        finally:
            visit.spend(model, spent)
    raise AssertionError("a chat ends with an answer or with an error")


async def _fields_within_plan(
    house: House, ctx: Any, engine: Engine, model: str, messages: list[dict[str, str]]
) -> Mapping[str, int]:
    sizes = house.accounts.plans.sizes(caller_of(ctx).plan, model)
    if sizes is None:
        return NOTHING
    asked = {"model": model, "messages": messages}
    return await fields_within_plan(house, engine, sizes, CHAT_PATH, asked, len(orjson.dumps(asked)))


def _messages(asked: ChatArguments, house: House) -> list[dict[str, str]]:
    """What goes to the model. Raises BadInput and TooLarge."""
    if bool(asked.prompt) == bool(asked.messages):
        which = "both prompt and messages are given" if asked.prompt else "neither prompt nor messages is given"
        raise BadInput(f"{which}; send one of them.", "prompt")
    chars_max = house.verifier.limits.prompt_chars_max
    if asked.prompt:
        check_text(asked.prompt, "prompt", chars_max, "prompt_chars_max")
        return [{"role": "user", "content": asked.prompt}]
    for number, message in enumerate(asked.messages):
        check_text(message.content, f"messages.{number}.content", chars_max, "prompt_chars_max")
    if (total := sum(len(message.content) for message in asked.messages)) > chars_max:
        raise TooLarge(
            f"messages have {total:,} characters; the limit is {chars_max:,}. Send less, or raise "
            "TOUCHSTONE_PROMPT_CHARS_MAX.",
            "messages",
        )
    if asked.messages[-1].role != "user":
        raise BadInput("messages has to end with a user message: the one that is to be answered.", "messages")
    return [{"role": message.role, "content": message.content} for message in asked.messages]


def _result(answer: ChatAnswer, verify: bool) -> types.CallToolResult:
    failure = answer.failure
    if verify and failure is None and answer.verification is None:
        failure = EngineUnreadable(f"{answer.model} answered without text, so that there is nothing to verify.")
    error = words_of(failure) if failure else ""
    return success(chat_result_json(answer, error), is_error=bool(error))
