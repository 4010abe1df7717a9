"""An engine's answer with a verification beside it, as every protocol gets it."""

from collections.abc import AsyncIterator

import pytest

from inference.admission import Admission
from inference.engine.engines import Engines
from inference.engine.http_engine import HttpEngine
from inference.engine.places import Places
from inference.errors import ContextTooLong, EngineError, EngineUnreadable, JudgeUnavailable, ModelNotFound
from inference.evidence.memory import InMemoryRetriever
from inference.judges.scripted import ScriptedJudge
from inference.testing.upstream import Upstream
from inference.verdict import Judgement, Label, Verdict
from tools.chat import ChatAnswer, ChatQuestion, Verify
from tools.chat_news import chat_news
from tools.limits import Limits
from tools.verify import Verifier

CLAIM = "The tower opened in 1889."
MESSAGES = [{"role": "user", "content": CLAIM}]


@pytest.fixture
async def engines() -> AsyncIterator[Engines]:
    upstream = Upstream()
    await upstream.start()
    engines = Engines([HttpEngine(upstream.url, timeout_s=60, places=Places(8))])
    yield engines
    await engines.aclose()
    await upstream.stop()


async def chat(engines: Engines, verify: Verify, question: ChatQuestion) -> ChatAnswer:
    engine = await engines.serving(question.model)
    *_, answer = [news async for news in chat_news(engine, verify, question)]
    assert isinstance(answer, ChatAnswer)
    return answer


def verifier(judge: ScriptedJudge) -> Verifier:
    return Verifier(judge, (InMemoryRetriever([]),), Limits(), Admission(1, 1))


TRUE = ScriptedJudge({CLAIM: Judgement(Label.SUPPORTED, 0.9, "It says so.")})


async def test_the_answer_alone(engines: Engines) -> None:
    answer = await chat(engines, verifier(TRUE).stream, ChatQuestion(MESSAGES, "echo"))
    assert (answer.text, answer.finish_reason, answer.verification) == (CLAIM, "stop", None)
    assert answer.usage.completion_tokens == 5


async def test_the_answer_and_what_is_true_of_it(engines: Engines) -> None:
    answer = await chat(engines, verifier(TRUE).stream, ChatQuestion(MESSAGES, "echo", verify=True))
    assert answer.verification
    assert answer.verification.verdict is Verdict.SUPPORTED


async def test_an_answer_without_text_is_not_verified(engines: Engines) -> None:
    answer = await chat(engines, verifier(TRUE).stream, ChatQuestion(MESSAGES, "tools", verify=True))
    assert (answer.text, answer.verification, answer.failure) == ("", None, None)


async def test_a_judge_that_fails_does_not_take_the_answer_away(engines: Engines) -> None:
    judge = ScriptedJudge({}, available=False)
    answer = await chat(engines, verifier(judge).stream, ChatQuestion(MESSAGES, "echo", verify=True))
    assert (answer.text, answer.verification) == (CLAIM, None)
    assert isinstance(answer.failure, JudgeUnavailable)


@pytest.mark.parametrize(
    ("model", "error"),
    [
        ("narrow", ContextTooLong),
        ("failing", EngineError),
        ("garbage", EngineUnreadable),
        ("unheard-of", ModelNotFound),
    ],
)
async def test_what_goes_wrong_before_there_is_an_answer_is_raised(
    engines: Engines, model: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await chat(engines, verifier(TRUE).stream, ChatQuestion(MESSAGES, model))
