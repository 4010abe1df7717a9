"""A judge over a scripted engine, and claims and passages for it."""

from collections.abc import Sequence

from inference.engine.engine_model import EngineModel
from inference.engine.engines import Engines
from inference.judges.judge import ClaimInQuestion, Exchange
from inference.judges.language_model.asking import AnswerOutcome
from inference.judges.language_model.judge import LanguageModelJudge
from inference.testing.scripted_engine import MODEL, Script, ScriptedEngine
from inference.verdict import Claim, Judgement, Passage, SourceKind, Span

SUPPORTED, REFUTED, OPEN = "supported", "refuted", "not_enough_evidence"
CONTEXT_TOKENS = 8192

TOWER = Passage("corpus/1", "The Eiffel Tower is in Paris. It was finished in 1889.", SourceKind.CORPUS, "Eiffel Tower")
RIVER = Passage("corpus/2", "The Seine flows through Paris.", SourceKind.CORPUS, "Seine")
IN_PARIS = "The Eiffel Tower is in Paris."
IN_ROME = "The Eiffel Tower is in Rome."
PROMPT = "Where is the Eiffel Tower?"


def item(text: str, *passages: Passage, start: int = 0) -> ClaimInQuestion:
    return ClaimInQuestion(Claim(text, Span(start, start + len(text))), passages)


def document(text: str, number: int = 0) -> Passage:
    return Passage(f"document/{number}", text, SourceKind.DOCUMENT, "document", start=number * 1000)


class Court:
    """A judge, its engine, and what became of its answers."""

    def __init__(self, script: Script, engine: ScriptedEngine | None = None) -> None:
        self.engine = engine or ScriptedEngine(script)
        self.outcomes: list[AnswerOutcome] = []
        model = EngineModel(Engines([self.engine]), MODEL, CONTEXT_TOKENS)
        self.judge = LanguageModelJudge(model, self.outcomes.append)

    async def judgements(
        self, *items: ClaimInQuestion, prompt: str = PROMPT, response: str = "", document_only: bool = False
    ) -> list[Judgement]:
        said = response or " ".join(item.claim.text for item in items)
        exchange = Exchange(prompt, said, document_only)
        return [judgement async for judgement in self.judge.judge(exchange, items)]

    async def judgement(self, text: str, *passages: Passage) -> Judgement:
        (judgement,) = await self.judgements(item(text, *(passages or (TOWER, RIVER))))
        return judgement

    def asked(self) -> int:
        return len(self.engine.asked())


def quotes_of(judgement: Judgement) -> Sequence[str]:
    return [evidence.quote for evidence in judgement.evidence]
