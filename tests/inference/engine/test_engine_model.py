"""A language model over an engine: what is sent to which engine, and what is read of its answers."""

import asyncio
from itertools import pairwise
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.engine.engine_model import EngineModel
from inference.engine.engines import Engines
from inference.engine.language_model import Ask, ChosenToken, ModelAnswer, Turn
from inference.engine.token_texts import aligned, sliced
from inference.errors import ContextTooLong, EngineUnavailable, EngineUnreadable, ModelNotFound
from inference.testing.scripted_engine import MODEL, Heard, Script, ScriptedEngine, model_object
from inference.testing.scripted_reply import UNREACHABLE, ScriptedReply, refuses, says
from inference.urgency import Urgency, working_at
from inference.verdict import Tokens

HELLO = (Turn("system", "Be brief."), Turn("user", "Grüße?"))
DEFAULT_TOKENS = 2048
WITH_ODDS = Ask(HELLO, 10, alternatives=5)
BAD_TOKEN = b'{"choices": [{"message": {"content": "x"}, "logprobs": {"content": [3]}}]}'


def model_of(script: Script, **described: Any) -> tuple[EngineModel, ScriptedEngine]:
    engine = ScriptedEngine(script, served=[model_object(**described)])
    return EngineModel(Engines([engine]), MODEL, DEFAULT_TOKENS), engine


async def answered(reply: ScriptedReply, ask: Ask = WITH_ODDS, **described: Any) -> ModelAnswer:
    model, _ = model_of([reply], **described)
    return await model.answer(ask)


async def sent(ask: Ask, **described: Any) -> dict[str, Any]:
    model, engine = model_of([says("x")], **described)
    await model.answer(ask)
    return engine.asked()[0].body


# What is sent


async def test_an_ask_is_a_greedy_chat_completion() -> None:
    body = await sent(Ask(HELLO, 10))
    assert body == {
        "model": MODEL,
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Grüße?"}],
        "max_tokens": 10,
        "temperature": 0,
        "seed": 0,
        "stream": False,
    }


async def test_a_schema_binds_the_answer_of_every_engine() -> None:
    schema = {"type": "object", "properties": {}, "additionalProperties": False}
    for owner in ("vllm", "openai"):
        bound = (await sent(Ask(HELLO, 10, schema=schema), owned_by=owner))["response_format"]
        assert bound["type"] == "json_schema"
        assert (bound["json_schema"]["name"], bound["json_schema"]["strict"]) == ("answer", True)
        assert bound["json_schema"]["schema"].items() >= schema.items()


async def test_vllm_is_kept_from_white_space_without_end_and_others_get_the_plain_schema() -> None:
    schema = {"type": "object", "properties": {}, "additionalProperties": False}
    ask = Ask(HELLO, 10, schema=schema)
    of_vllm, hosted = await sent(ask), await sent(ask, owned_by="openai")
    assert of_vllm["response_format"]["json_schema"]["schema"]["x-guidance"] == {"whitespace_flexible": False}
    assert hosted["response_format"]["json_schema"]["schema"] == schema


async def test_choices_are_vllms_own_and_a_schema_elsewhere() -> None:
    ask = Ask(HELLO, 10, choices=("yes", "no"))
    assert (await sent(ask))["structured_outputs"] == {"choice": ["yes", "no"]}
    body = await sent(ask, owned_by="openai")
    assert "structured_outputs" not in body
    schema = body["response_format"]["json_schema"]["schema"]
    assert schema["properties"] == {"answer": {"type": "string", "enum": ["yes", "no"]}}


async def test_arguments_of_the_template_go_only_where_they_are_known() -> None:
    ask = Ask(HELLO, 10, template_arguments={"enable_thinking": False})
    assert (await sent(ask))["chat_template_kwargs"] == {"enable_thinking": False}
    assert "chat_template_kwargs" not in await sent(ask, owned_by="openai")


async def test_urgency_reaches_the_engine() -> None:
    model, engine = model_of([says("x")])
    with working_at(Urgency.BATCH):
        await model.answer(Ask(HELLO, 10))
    assert engine.asked()[0].urgency is Urgency.BATCH


async def test_what_a_model_does_not_take_is_left_out_and_remembered() -> None:
    def picky(heard: Heard) -> ScriptedReply:
        if "max_tokens" in heard.body:
            return refuses(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.")
        if "temperature" in heard.body:
            return refuses(400, "Unsupported value: 'temperature' does not support 0 with this model.")
        if "logprobs" in heard.body:
            return refuses(403, "You are not allowed to request logprobs from this model.")
        return says("fine")

    model, engine = model_of(picky, owned_by="openai")
    ask = Ask(HELLO, 10, alternatives=5)
    assert (await model.answer(ask)).text == "fine"
    tried = len(engine.asked())
    await model.answer(ask)
    assert len(engine.asked()) == tried + 1
    last = engine.asked()[-1].body
    assert last["max_completion_tokens"] > 10  # its thoughts count too
    assert not {"max_tokens", "temperature", "logprobs", "top_logprobs"} & last.keys()


@pytest.mark.parametrize(
    "refusal",
    [
        "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.",
        "This response_format type is unavailable now",
        "json_schema is not supported",
    ],
)
async def test_a_model_that_is_not_bound_to_a_form_is_told_it_in_words(refusal: str) -> None:
    model, engine = model_of(
        lambda heard: refuses(400, refusal) if "response_format" in heard.body else says('{"x": 1}'), owned_by="openai"
    )
    schema = {"type": "object", "properties": {"x": {"type": "integer"}}}
    assert (await model.answer(Ask(HELLO, 10, schema=schema))).text == '{"x": 1}'
    system, *others = engine.asked()[-1].messages
    assert system["content"].startswith("Be brief.")
    assert system["content"].endswith(orjson.dumps(schema).decode())
    assert others == [{"role": "user", "content": "Grüße?"}]
    await model.answer(Ask(HELLO, 10, choices=("yes", "no")))
    assert len(engine.asked()) == 3
    assert engine.asked()[-1].messages[0]["content"].endswith('["yes","no"]')
    await model.answer(Ask(HELLO, 10))
    assert engine.asked()[-1].messages == engine.asked()[0].messages


async def test_fewer_alternatives_are_asked_for_before_none() -> None:
    def stingy(heard: Heard) -> ScriptedReply:
        if heard.body["top_logprobs"] > 5:
            return refuses(400, "Requested sample logprobs of 20, which is greater than max allowed: 5")
        return says("fine")

    model, engine = model_of(stingy)
    assert (await model.answer(Ask(HELLO, 10, alternatives=20))).tokens
    assert [heard.body["top_logprobs"] for heard in engine.asked()] == [20, 5]


async def test_an_engine_that_refuses_whatever_is_left_out_is_not_asked_for_ever() -> None:
    model, engine = model_of(lambda heard: refuses(400, "temperature seed logprobs max_tokens top_logprobs"))
    with pytest.raises(EngineUnreadable):
        await model.answer(Ask(HELLO, 10, alternatives=5))
    assert len(engine.asked()) <= 7


# What is read


async def test_an_answer_comes_with_its_tokens_and_their_odds() -> None:
    answer = await answered(says("it is yes", [("yes", {"yes": 0.75, "no": 0.25})]))
    assert (answer.text, answer.complete) == ("it is yes", True)
    assert b"".join(token.text for token in answer.tokens) == b"it is yes"
    assert {text for text, _ in answer.tokens[-1].alternatives} == {b"yes", b"no"}
    assert answer.spent.read == 100


async def test_an_answer_that_was_cut_off_says_so() -> None:
    assert not (await answered(says("half", finish="length"))).complete


async def test_without_log_probabilities_or_usage_there_are_none() -> None:
    answer = await answered(says("x", logprobs=False, usage=False))
    assert (answer.tokens, answer.spent) == ((), Tokens(0, 0))


@pytest.mark.parametrize("told", [2**40, 2**63 - 1, -1, "ab", {"a": 1}, [300]], ids=repr)
async def test_bytes_of_a_token_that_are_no_bytes_are_no_answer(told: object) -> None:
    token = {"token": "x", "bytes": told, "logprob": 0.0, "top_logprobs": []}
    choice = {"message": {"content": "x"}, "finish_reason": "stop", "logprobs": {"content": [token]}}
    with pytest.raises(EngineUnreadable):
        await answered(ScriptedReply(200, orjson.dumps({"choices": [choice]})))


async def test_a_refusal_is_an_empty_answer() -> None:
    assert (await answered(says(None, message={"refusal": "no"}))).text == ""


async def test_a_choice_of_a_hosted_engine_is_its_value_with_its_own_tokens() -> None:
    reply = says('{"answer": "yes"}', [('"yes', {'"yes': 0.6, '"no': 0.4})])
    answer = await answered(reply, Ask(HELLO, 10, choices=("yes", "no"), alternatives=5), owned_by="openai")
    assert answer.text == "yes"
    assert b"".join(token.text for token in answer.tokens) == b"yes"
    assert {text for text, _ in answer.tokens[0].alternatives} == {b"yes", b"no"}


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (UNREACHABLE, EngineUnavailable),
        (refuses(500, "boom"), EngineUnavailable),
        (refuses(429, "slow down"), EngineUnavailable),
        (refuses(401, "key sk-1234 is wrong"), EngineUnavailable),
        (refuses(404, "The model `scripted` does not exist.", "model_not_found"), ModelNotFound),
        (refuses(404, "Not Found"), EngineUnreadable),
        (refuses(422, "what?"), EngineUnreadable),
        (refuses(400, "This model's maximum context length is 10 tokens; max_tokens is 5."), ContextTooLong),
        (refuses(400, "too long", "context_length_exceeded"), ContextTooLong),
        (refuses(400, "the request exceeds the available context size"), ContextTooLong),
        (ScriptedReply(400, b"\xff<html>"), EngineUnreadable),
        (ScriptedReply(200, b"not JSON"), EngineUnreadable),
        (ScriptedReply(200, b"[]"), EngineUnreadable),
        (ScriptedReply(200, b'{"choices": []}'), EngineUnreadable),
        (
            ScriptedReply(200, BAD_TOKEN),
            EngineUnreadable,
        ),
        (says("x").broken_after(0), EngineUnavailable),
    ],
    ids=lambda value: f"{value.status} {value.body[:60]!r}" if isinstance(value, ScriptedReply) else "",
)
async def test_what_is_no_answer_is_an_error(reply: ScriptedReply, error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        await answered(reply)
    assert "sk-1234" not in str(caught.value)


async def test_a_request_that_is_left_is_aborted() -> None:
    model, engine = model_of([says("x").after(asyncio.Event())])
    waiting = asyncio.create_task(model.answer(Ask(HELLO, 10)))
    await engine.until_asked(1)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert len(engine.aborted) == 1


# How much it reads


@pytest.mark.parametrize(
    ("described", "tokens"),
    [
        ({"max_model_len": 4096}, 4096),
        ({"max_model_len": None, "owned_by": "llamacpp", "meta": {"n_ctx": 1024, "n_ctx_train": 32768}}, 1024),
        ({"max_model_len": None, "owned_by": "llamacpp", "meta": {"n_ctx_train": 32768}}, DEFAULT_TOKENS),
        ({"max_model_len": None, "owned_by": "llamacpp", "meta": {"n_ctx_train": 512}}, 512),
        ({"max_model_len": None, "owned_by": "openai"}, DEFAULT_TOKENS),
    ],
)
async def test_the_context_is_the_engines_word_or_the_settings(described: dict[str, Any], tokens: int) -> None:
    assert await model_of([], **described)[0].context_tokens() == tokens


async def test_an_adapter_reads_as_much_as_its_base() -> None:
    served = [model_object("base", max_model_len=4096), model_object(parent="base", max_model_len=None)]
    model = EngineModel(Engines([ScriptedEngine([], served=served)]), MODEL, DEFAULT_TOKENS)
    assert await model.context_tokens() == 4096


async def test_tokens_are_counted_by_the_model_or_bounded_by_bytes() -> None:
    exact, engine = model_of([])
    byte_bound, other = model_of([])
    other.counts_tokens = False
    counted, bounded = await exact.count_tokens(HELLO), await byte_bound.count_tokens(HELLO)
    assert counted < bounded
    assert bounded >= len("".join(turn.content for turn in HELLO).encode())
    assert engine.asked("/tokenize")[0].messages[1]["content"] == "Grüße?"
    await byte_bound.count_tokens(HELLO)
    assert len(other.asked("/tokenize")) == 1


async def test_check_is_for_a_model_that_is_served_now() -> None:
    model, engine = model_of([])
    await model.check()
    with pytest.raises(ModelNotFound):
        await EngineModel(Engines([engine]), "other", 1).check()
    engine.down = True
    with pytest.raises(EngineUnavailable):
        await EngineModel(Engines([engine]), MODEL, 1).check()


# Tokens against text


def tokens_of(*texts: bytes) -> list[ChosenToken]:
    return [ChosenToken(text, ((text, 0.0),)) for text in texts]


@given(st.text(min_size=1), st.lists(st.integers(0, 40), max_size=6), st.binary(max_size=9), st.binary(max_size=9))
def test_tokens_around_the_text_are_left_off(text: str, cuts: list[int], before: bytes, after: bytes) -> None:
    encoded = text.encode()
    bounds = [0, *sorted(min(cut, len(encoded)) for cut in cuts), len(encoded)]
    parts = [encoded[a:b] for a, b in pairwise(bounds)]
    found = aligned(tokens_of(before, *parts, after), encoded)
    assert b"".join(token.text for token in found) == encoded


def test_tokens_that_end_inside_a_character_take_its_bytes_from_the_text() -> None:
    text = "Zoë 🦉 sups".encode()
    found = aligned(tokens_of(b"Zo", b"\xef\xbf\xbd", b"\xef\xbf\xbd", b" ", b"\xef\xbf\xbd", b" sups", b"</s>"), text)
    assert b"".join(token.text for token in found) == text
    assert found[-1].text == b" sups"


def test_tokens_of_another_text_are_none() -> None:
    assert aligned(tokens_of(b"abc"), b"xyz") == ()
    assert aligned(tokens_of(b"a", b"\xef\xbf\xbd"), b"xyz") == ()
    assert aligned((), b"xyz") == ()


def test_a_token_that_begins_before_a_slice_keeps_what_agrees() -> None:
    token = ChosenToken(b'"yes', ((b'"yes', -0.1), (b'"no', -2.0), (b"maybe", -3.0)))
    (cut,) = sliced([token], 1, 4)
    assert cut == ChosenToken(b"yes", ((b"yes", -0.1), (b"no", -2.0)))
