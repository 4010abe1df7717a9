"""A verification on a terminal, whatever the judge could and could not say."""

from io import StringIO

import pytest
from rich.console import Console

from inference.aggregate import is_hallucination, overall_score, overall_verdict
from inference.verdict import Basis, Claim, ClaimVerdict, Judgement, Label, Provenance, Span
from server.cli.show import show
from server.cli.show_correction import show_correction
from server.wire.verification import verification_json
from tools.verification import Usage, Verification

MODEL = Provenance("language model", "small", "0" * 64)
CPU = Provenance("touchstone-minilm", "minilm")


def shown(judgement: Judgement, provenance: Provenance) -> str:
    """What stands on a wide terminal, on one line."""
    claims = (ClaimVerdict(Claim("The tower is tall.", Span(0, 18)), judgement),)
    verdict = overall_verdict(claims)
    verification = Verification(
        verdict, is_hallucination(verdict), overall_score(claims), "e", claims, (), Usage(1, 1), "judge", provenance
    )
    console = Console(file=StringIO(), width=200)
    show(console, "How tall?", "The tower is tall.", verification_json(verification, with_search_results=True))
    assert isinstance(console.file, StringIO)
    return " ".join(console.file.getvalue().replace("│", " ").split())


@pytest.mark.parametrize("label", list(Label))
def test_a_language_model_without_probabilities_has_judged_all_the_same(label: Label) -> None:
    text = shown(Judgement(label, None, "Because."), MODEL)
    assert f"{label.replace('_', ' ')}, no probability Because." in text
    assert "not judged" not in text


def test_a_claim_that_was_declined_is_not_judged() -> None:
    assert "not enough evidence, not judged" in shown(Judgement(Label.NOT_ENOUGH_EVIDENCE, None, "In German."), CPU)


def test_a_correction_without_edits_is_the_text_alone() -> None:
    console = Console(file=StringIO(), width=60)
    show_correction(console, {"text": "The tower is tall.", "edits": []})
    assert isinstance(console.file, StringIO)
    top, text, _ = console.file.getvalue().splitlines()
    assert "nothing to correct" in top
    assert "The tower is tall." in text


def test_what_rests_on_memory_says_so() -> None:
    by_memory = Judgement(Label.SUPPORTED, 0.9, "Known.", basis=Basis.MODEL_KNOWLEDGE)
    assert "The judge remembers this; no source was found that says it." in shown(by_memory, MODEL)
    assert "remembers" not in shown(Judgement(Label.SUPPORTED, 0.9, "Known."), MODEL)
