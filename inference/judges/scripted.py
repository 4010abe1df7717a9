"""A judge that says what it was told: for tests of everything around a judge, and for trying out a client."""

from collections.abc import AsyncIterator, Mapping, Sequence

from inference.errors import JudgeUnavailable, JudgeUnreadable
from inference.judges.judge import ClaimInQuestion, Exchange
from inference.verdict import Judgement, Provenance


class ScriptedJudge:
    """Answers each claim text from `script`; an unknown claim raises, as a judge that gave no answer would."""

    name = "scripted"
    provenance = Provenance("scripted", "")
    passages_per_claim: int | None = None

    def __init__(self, script: Mapping[str, Judgement], available: bool = True) -> None:
        self._script = script
        self._available = available

    async def judge(self, exchange: Exchange, claims: Sequence[ClaimInQuestion]) -> AsyncIterator[Judgement]:
        await self.check()
        for item in claims:
            judgement = self._script.get(item.claim.text)
            if judgement is None:
                raise JudgeUnreadable(f"the scripted judge has no line for the claim {item.claim.text!r}")
            yield judgement

    async def check(self) -> None:
        if not self._available:
            raise JudgeUnavailable("the scripted judge was told to be unavailable")
