"""The seam for those who can put a sentence into other words: language models.

What they write is a proposal. It is judged like any response, and dropped where it is not supported.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from inference.verdict import NO_TOKENS, ClaimVerdict, Tokens


@dataclass(frozen=True, slots=True)
class SentenceInQuestion:
    """A sentence of a response as it stands there, and the verdicts of its claims, of which at least one fails."""

    text: str
    claims: tuple[ClaimVerdict, ...]

    def quotes(self) -> list[str]:
        """The evidence of its claims, each quote once."""
        return list(dict.fromkeys(e.quote for claim in self.claims for e in claim.judgement.evidence))


@dataclass(frozen=True, slots=True)
class Rewritten:
    """One sentence anew; "" if nothing can take its place, None if there is no usable answer."""

    text: str | None
    tokens: Tokens = NO_TOKENS


class Rewriter(Protocol):
    """Rewrites sentences so that they say only what the quotes of their claims say."""

    name: str

    async def rewrite(self, sentences: Sequence[SentenceInQuestion]) -> list[Rewritten]:
        """One for each of `sentences`, in their order. A failure is a `Rewritten` without text; it raises nothing of
        the tree in `inference/errors.py`."""
        ...
