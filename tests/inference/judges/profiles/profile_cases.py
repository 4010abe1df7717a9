"""What the tests of the judge profiles share: claims, passages, and judges over a scripted engine."""

from collections.abc import Sequence

from inference.engine.engine_model import EngineModel
from inference.engine.engines import Engines
from inference.judges.judge import ClaimInQuestion, Exchange, Judge
from inference.judges.language_model.asking import AnswerOutcome, Observer
from inference.judges.profiles.judge import ProfileJudge
from inference.judges.profiles.profile import PromptProfile
from inference.judges.profiles.wiring import profile_judge
from inference.testing.scripted_engine import MODEL, ScriptedEngine
from inference.verdict import Claim, Judgement, Passage, SourceKind, Span

QUESTION = "Where is the Eiffel Tower?"
CLAIM = "The Eiffel Tower stands in Paris."
DOCUMENT = "The Eiffel Tower stands in Paris. It was opened in 1889."
EXCHANGE = Exchange(QUESTION, CLAIM)


def passage(text: str = DOCUMENT, number: int = 1, start: int = 0, **fields: str) -> Passage:
    """A passage of the given document."""
    return Passage(f"p{number}", text, SourceKind.DOCUMENT, start=start, **fields)


def web_passage(text: str, number: int, title: str) -> Passage:
    return Passage(f"w{number}", text, SourceKind.WEB, title=title, link=f"https://example.org/{number}")


def asked(claim: str = CLAIM, *passages: Passage) -> ClaimInQuestion:
    """A claim with its passages; with none given, the document."""
    return ClaimInQuestion(Claim(claim, Span(0, len(claim))), passages or (passage(),))


def unobserved(outcome: AnswerOutcome) -> None:
    """Counts nothing."""


def judge_of(profile: PromptProfile, engine: ScriptedEngine, observer: Observer = unobserved) -> ProfileJudge:
    return ProfileJudge(profile, EngineModel(Engines([engine]), MODEL, 8192), observer)


def trained_judge(name: str, wanted: str, engine: ScriptedEngine, context_tokens: int = 8192) -> Judge:
    """The judge that the names amount to, which have to be those of a trained model."""
    judge = profile_judge(name, name, wanted, Engines([engine]), context_tokens, unobserved)
    assert judge is not None
    return judge


async def judgements(judge: Judge, *claims: ClaimInQuestion, exchange: Exchange = EXCHANGE) -> list[Judgement]:
    return [judgement async for judgement in judge.judge(exchange, claims or [asked()])]


async def judgement(judge: Judge, *claims: ClaimInQuestion) -> Judgement:
    """The only judgement."""
    (only,) = await judgements(judge, *claims)
    return only


def texts(engine: ScriptedEngine) -> Sequence[str]:
    """The last message of every chat, in order."""
    return [heard.messages[-1]["content"] for heard in engine.asked()]
