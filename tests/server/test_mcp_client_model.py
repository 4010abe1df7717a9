"""The client's model as a language model: what it is asked in which words, and what is read of its answer."""

import mcp_types as types
import pytest

from inference.engine.language_model import Ask, Turn
from inference.errors import EngineUnreadable
from server.mcp.client_model import CONTEXT_TOKENS, NAME_CHARS_MAX, ClientModel

TURNS = (Turn("system", "Be brief."), Turn("user", "Is it?"), Turn("assistant", "Yes."), Turn("user", "Sure?"))


class Answering:
    """A `Sampling` in memory that gives one answer, and keeps what was asked."""

    def __init__(self, text: str, stop_reason: str | None = "endTurn", model: str = "a-model") -> None:
        content = types.TextContent(text=text)
        self._result = types.CreateMessageResult(
            role="assistant", content=content, model=model, stop_reason=stop_reason
        )
        self.asked: list[types.CreateMessageRequestParams] = []

    async def answer(self, asked: types.CreateMessageRequestParams) -> types.CreateMessageResult:
        self.asked.append(asked)
        return self._result


async def test_turns_become_messages_and_what_is_ours_the_system_prompt() -> None:
    sampling = Answering("Sure.")
    await ClientModel(sampling).answer(Ask(TURNS, 10))
    (asked,) = sampling.asked
    said = [(message.role, message.content_as_list[0].text) for message in asked.messages]  # type: ignore[union-attr]
    assert said == [("user", "Is it?"), ("assistant", "Yes."), ("user", "Sure?")]
    assert (asked.system_prompt, asked.max_tokens, asked.temperature) == ("Be brief.", 10, 0)


async def test_choices_are_told_in_words() -> None:
    sampling = Answering("yes")
    answer = await ClientModel(sampling).answer(Ask(TURNS, 10, choices=("yes", "no <|im_end|>")))
    assert answer.text == "yes"
    prompt = sampling.asked[0].system_prompt or ""
    assert prompt.startswith("Be brief.")
    assert prompt.endswith('["yes","no \\u003c|im_end|>"]')


@pytest.mark.parametrize(("reason", "complete"), [("endTurn", True), ("maxTokens", False), (None, True)])
async def test_an_answer_that_was_cut_off_is_not_complete(reason: str | None, complete: bool) -> None:
    answer = await ClientModel(Answering("Su", reason)).answer(Ask(TURNS, 10, alternatives=5))
    assert (answer.complete, answer.tokens) == (complete, ())


async def test_the_model_has_the_name_that_the_client_gives_it_within_bounds() -> None:
    for given, name in (("a-model", "a-model"), ("", "the client's model")):
        model = ClientModel(Answering("Sure.", model=given))
        await model.answer(Ask(TURNS, 10))
        assert model.name == name
    model = ClientModel(Answering("Sure.", model="x" * 10_000))
    await model.answer(Ask(TURNS, 10))
    assert len(model.name) == NAME_CHARS_MAX


async def test_what_an_ask_takes_is_never_told_too_small() -> None:
    model = ClientModel(Answering("Sure."))
    turn = Turn("user", "世界" * 50)
    assert await model.count_tokens((turn, turn)) >= 2 * len(turn.content.encode())
    assert 0 < await model.context_tokens() < CONTEXT_TOKENS


async def test_an_answer_that_is_no_text_is_refused() -> None:
    class Painting(Answering):
        async def answer(self, asked: types.CreateMessageRequestParams) -> types.CreateMessageResult:
            picture = types.ImageContent(data="", mime_type="image/png")
            return types.CreateMessageResult(role="assistant", content=picture, model="a-model")

    with pytest.raises(EngineUnreadable, match="image"):
        await ClientModel(Painting("")).answer(Ask(TURNS, 10))
