"""What a person reads about a verdict."""

from inference.explain import FAILURES_SHOWN_MAX, explain, shorten
from inference.verdict import Claim, ClaimVerdict, Evidence, Judgement, Label, Passage, SourceKind, Span

PASSAGE = Passage("p", "The tower is in Paris, France. It is tall.", SourceKind.CORPUS, title="Tower")


def judged(label: Label, text: str = "The tower is in Rome.") -> ClaimVerdict:
    evidence = () if label is Label.NOT_ENOUGH_EVIDENCE else (Evidence(PASSAGE, Span(0, 30), label),)
    return ClaimVerdict(Claim(text, Span(0, 4)), Judgement(label, 0.1, "The evidence says Paris.", evidence))


def test_a_refuted_claim_is_named_with_its_reason_and_its_quote() -> None:
    text = explain([judged(Label.REFUTED)])
    assert text == (
        'Refuted: "The tower is in Rome." The evidence says Paris. Evidence, Tower: "The tower is in Paris, France."'
    )


def test_of_several_claims_the_failing_ones_are_counted_and_told() -> None:
    text = explain([judged(Label.SUPPORTED, "Fine."), judged(Label.REFUTED), judged(Label.NOT_ENOUGH_EVIDENCE, "Odd.")])
    assert text.startswith("2 of 3 claims fail: 1 refuted, 1 without enough evidence.")
    assert '"Fine."' not in text


def test_many_failures_are_cut_and_the_rest_counted() -> None:
    text = explain([judged(Label.REFUTED)] * (FAILURES_SHOWN_MAX + 3))
    assert text.endswith("3 more are listed under claims.")


def test_failed_sources_are_named_only_where_a_claim_went_undecided() -> None:
    sources = ["No answer from web search: no network."]
    assert "no network" in explain([judged(Label.NOT_ENOUGH_EVIDENCE)], sources)
    assert "no network" not in explain([judged(Label.SUPPORTED)], sources)


def test_nothing_to_check_says_so() -> None:
    assert explain([]).startswith("Nothing to check")


def test_a_shortened_text_says_that_it_is() -> None:
    assert shorten("a  b\nc", 10) == "a b c"
    assert shorten("x" * 20, 10) == "x" * 9 + "…"
