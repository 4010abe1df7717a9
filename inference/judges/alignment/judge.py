"""The judge that needs nothing: it lays claims beside passages, word by word, and follows fixed rules.

Deterministic, on the CPU, without a model. It promises to refute only on a positive conflict and to support only what
is said; whatever it cannot follow is NOT_ENOUGH_EVIDENCE. Orders in the text under test are words like any others.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence

from inference.judges.alignment.decision import judge_claim
from inference.judges.judge import ClaimInQuestion, Exchange
from inference.verdict import Judgement, Provenance


class AlignmentJudge:
    """Judges by aligning a claim's words, names, numbers and dates with the sentences of its passages."""

    name = "alignment"
    provenance = Provenance("alignment", "")
    passages_per_claim: int | None = None

    async def judge(self, exchange: Exchange, claims: Sequence[ClaimInQuestion]) -> AsyncIterator[Judgement]:
        for item in claims:
            yield await asyncio.to_thread(judge_claim, item.claim, item.passages)

    async def check(self) -> None:
        """Always ready: there is nothing to load."""
