"""Which sentences are given to a rewriter, and what its answers make of a draft. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from inference.correction.draft import NOT_REWRITTEN, Draft
from inference.correction.edit import Edit
from inference.correction.fates import fates
from inference.correction.outline import Outline
from inference.correction.rewriter import Rewritten, SentenceInQuestion
from inference.verdict import ClaimVerdict, Span


@dataclass(frozen=True, slots=True)
class Asked:
    """A sentence that is to be rewritten, its place, and the numbers of the claims in it that fail."""

    unit: Span
    failing: tuple[int, ...]
    sentence: SentenceInQuestion


def to_rewrite(of: Outline, draft: Draft, judged: Sequence[ClaimVerdict]) -> list[Asked]:
    """The sentences in which a claim goes and for which there is a quote to go by. A row of a table is none."""
    taken = {number for swap in draft.swaps for number in swap.claims}
    found = []
    for fate in fates(of, draft):
        inside = sorted([*fate.kept, *fate.cut])
        sentence = SentenceInQuestion(
            of.response[fate.unit.start : fate.unit.end], tuple(judged[number] for number in inside)
        )
        is_row = of.parts[fate.part].table >= 0
        if fate.cut and inside and not is_row and not taken & set(inside) and sentence.quotes():
            found.append(Asked(fate.unit, tuple(n for n in fate.cut if n in draft.gone), sentence))
    return [asked for asked in found if asked.failing]


def with_answers(draft: Draft, asked: Sequence[Asked], answers: Sequence[Rewritten], rewriter: str) -> Draft:
    """The draft with each rewritten sentence in its place. One without a usable answer goes as before."""
    gone, swaps = dict(draft.gone), []
    for one, answer in zip(asked, answers, strict=True):
        if answer.text == "":
            continue  # the model says that nothing can take its place
        if answer.text is None or answer.text == one.sentence.text:
            gone |= {number: f"{gone[number]} {NOT_REWRITTEN}" for number in one.failing}
            continue
        reasons = " ".join(dict.fromkeys(gone.pop(number) for number in one.failing))
        swaps.append(Edit(one.unit, answer.text, one.failing, f"{reasons} Rewritten by {rewriter}, and judged again."))
    rewritten = frozenset(number for swap in swaps for number in swap.claims)
    return replace(draft, gone=gone, swaps=(*draft.swaps, *swaps), rewritten=rewritten)
