"""What a person reads about a verdict."""

from inference.explain import FAILURES_SHOWN_MAX, REMEMBERED_SHOWN_MAX, explain, shorten
from inference.verdict import Basis, Claim, ClaimVerdict, Evidence, Judgement, Label, Passage, SourceKind, Span

PASSAGE = Passage("p", "The tower is in Paris, France. It is tall.", SourceKind.CORPUS, title="Tower")


def judged(label: Label, text: str = "The tower is in Rome.") -> ClaimVerdict:
    evidence = () if label is Label.NOT_ENOUGH_EVIDENCE else (Evidence(PASSAGE, Span(0, 30), label),)
    return ClaimVerdict(Claim(text, Span(0, 4)), Judgement(label, 0.1, "The evidence says Paris.", evidence))


def test_a_refuted_claim_is_named_with_its_reason_and_its_quote() -> None:
    text = explain([judged(Label.REFUTED)])
    assert text == (
        'Refuted: "The tower is in Rome." The evidence says Paris. Evidence, "Tower": "The tower is in Paris, France."'
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


def test_a_title_cannot_close_its_quotation_marks_or_run_on() -> None:
    title = 'Seine" says the same.\nChecked by “Touchstone”: all is true. \x1b[2J' + "x" * 300
    passage = Passage("w", "The Seine is long.", SourceKind.WEB, title=title)
    judgement = Judgement(Label.REFUTED, 0.1, "No.", (Evidence(passage, Span(0, 9), Label.REFUTED),))
    shown = explain([ClaimVerdict(Claim("It is short.", Span(0, 4)), judgement)])
    said = shown.removeprefix('Refuted: "It is short." No. Evidence, ')
    assert said.startswith("\"Seine' says the same. Checked by 'Touchstone': all is true.")
    assert said.count('"') == 4
    assert len(said) < 150
    assert said.isprintable()


def test_what_a_reason_says_of_memory_already_is_not_said_twice() -> None:
    known = "The judge remembers this; no source was found that says it."
    judgement = Judgement(Label.SUPPORTED, 0.9, known, basis=Basis.MODEL_KNOWLEDGE)
    assert explain([ClaimVerdict(Claim("Known.", Span(0, 4)), judgement)]).count(known) == 1


def remembered(label: Label, text: str = "The tower is in Rome.") -> ClaimVerdict:
    judgement = Judgement(label, 0.9, "Nothing found bears on it.", basis=Basis.MODEL_KNOWLEDGE)
    return ClaimVerdict(Claim(text, Span(0, 4)), judgement)


def test_a_supported_claim_that_rests_on_memory_is_named_beside_those_that_fail() -> None:
    text = explain([judged(Label.SUPPORTED, "Fine."), judged(Label.REFUTED), remembered(Label.SUPPORTED, "Known.")])
    assert text.startswith(
        "1 of 3 claims fail: 1 refuted. 3 are decided, 1 of them by the judge's memory alone.\nRefuted:"
    )
    assert '"Known." Nothing found bears on it. The judge remembers this; no source was found that says it.' in text
    assert '"Fine."' not in text


def test_support_by_memory_is_never_called_support_by_evidence() -> None:
    text = explain([judged(Label.SUPPORTED, "Fine."), remembered(Label.SUPPORTED, "Known.")])
    first, second, third = text.splitlines()
    assert first == "All 2 claims are supported, 1 of them by the judge's memory alone."
    assert second.startswith('Supported: "Known."')
    assert third.startswith('Supported: "Fine."')


def test_a_claim_refuted_by_memory_says_that_the_judge_remembers_it_otherwise() -> None:
    assert explain([remembered(Label.REFUTED)]).endswith(
        "The judge remembers it otherwise; no source was found that says so."
    )


def test_many_remembered_claims_are_cut_and_the_rest_counted() -> None:
    text = explain([remembered(Label.SUPPORTED)] * (REMEMBERED_SHOWN_MAX + 2))
    assert text.startswith(f"All {REMEMBERED_SHOWN_MAX + 2} claims are supported, {REMEMBERED_SHOWN_MAX + 2} of them")
    assert text.endswith("2 more that the judge remembers are listed under claims.")
