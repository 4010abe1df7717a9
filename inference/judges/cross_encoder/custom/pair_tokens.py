"""A claim and its evidence as the tokens of somebody else's model, within what it can read.

Evidence that is too long loses sentences from its end, and of the last that is left, words. A claim is never cut: one
that leaves no room for any evidence is too long to be judged.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from inference.errors import JudgeUnavailable
from inference.judges.cross_encoder.model import ClaimTooLong

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer


@dataclass(frozen=True, slots=True)
class PairTokens:
    """What a model is fed, by the names that all these models give it. `types`: which text a token belongs to."""

    ids: tuple[int, ...]
    mask: tuple[int, ...]
    types: tuple[int, ...]


def load_tokenizer(file: Path) -> "Tokenizer":
    """The tokenizer, without the cutting and filling that its file may ask for. Raises JudgeUnavailable."""
    from tokenizers import Tokenizer  # noqa: PLC0415  loaded with the model, not with the command line

    try:
        tokenizer = Tokenizer.from_file(str(file))
    except Exception as error:  # the library raises the bare class
        raise JudgeUnavailable(f"The tokenizer {file} of the judge's model cannot be read ({error}).") from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def pair_tokens(
    tokenizer: "Tokenizer", claim: str, evidence: Sequence[str], *, tokens_max: int, evidence_first: bool
) -> PairTokens:
    """The pair with as much of `evidence`, from its start, as there is room for. Raises ClaimTooLong."""

    def encoded(parts: Sequence[str]) -> "Encoding":
        read, asked = _readable(" ".join(parts)), _readable(claim)
        return tokenizer.encode(read, asked) if evidence_first else tokenizer.encode(asked, read)

    parts = list(evidence)
    if len(encoded([])) >= tokens_max:
        raise ClaimTooLong(tokens_max)
    found = encoded(parts)
    while len(found) > tokens_max:
        parts = parts[:-1] if len(parts) > 1 else parts[0].split()[:-1]
        if not parts:
            raise ClaimTooLong(tokens_max)
        found = encoded(parts)
    return PairTokens(tuple(found.ids), tuple(found.attention_mask), tuple(found.type_ids))


def _readable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()  # a lone surrogate has no UTF-8
