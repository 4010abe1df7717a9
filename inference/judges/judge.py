"""The seam behind which every judge stands.

A judge says of claims what given passages say of them. It finds no evidence of its own, cuts no claims and knows no
protocol. It never guesses: what it cannot judge for want of evidence is NOT_ENOUGH_EVIDENCE, what it declines to judge
is that without a score, and what it cannot judge for want of a working judge raises `JudgeError`.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from inference.verdict import Claim, Judgement, Passage, Provenance


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was asked and what was answered: the setting in which the claims stand.

    `document_only` says that a document was given, so that nothing but its passages counts, even if there are none.
    """

    prompt: str
    response: str
    document_only: bool = False


@dataclass(frozen=True, slots=True)
class ClaimInQuestion:
    """A claim and the passages that it is judged against, best first."""

    claim: Claim
    passages: tuple[Passage, ...]


class Judge(Protocol):
    """Judges claims against passages."""

    name: str
    """How the judge is named in verdicts, logs and metrics."""

    provenance: Provenance
    """What is needed to judge again in the same way."""

    passages_per_claim: int | None
    """Passages that it wants for a claim; None leaves it to the setting. It may read fewer of them."""

    def judge(self, exchange: Exchange, claims: Sequence[ClaimInQuestion]) -> AsyncIterator[Judgement]:
        """Yields exactly one judgement per claim, in the order of `claims`, each as soon as it is known.

        Raises JudgeUnavailable or JudgeUnreadable; a judgement that was yielded before stays valid.
        """
        ...

    async def check(self) -> None:
        """Returns if a verification would work now. Raises JudgeUnavailable if not."""
        ...
