"""The alignment judge behind its seam, and on input made to break it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.judges.alignment.decision import judge_claim
from inference.judges.alignment.judge import AlignmentJudge
from inference.judges.judge import ClaimInQuestion, Exchange, Judge
from inference.verdict import Claim, Judgement, Label, Passage, SourceKind, Span

WORDS = st.lists(
    st.sampled_from(
        [
            "The",
            "Paris",
            "is",
            "not",
            "in",
            "of",
            "1889",
            "May",
            "22,",
            "2025",
            "never",
            "all",
            "three",
            "5%",
            "$5",
            "about",
            "than",
            "taller",
            "tallest",
            ",",
            ".",
            ":",
            ";",
            "|",
            "=",
            "(",
            "and",
            "or",
            "but",
            "Date:22May25",
            "Amt:",
            "without",
            "no",
            "longer",
            "by",
            "was",
            "built",
            "U.S.",
            "'s",
            "°C",
            "km/h",
        ]
    ),
    max_size=25,
).map(" ".join)


def passage(text: str) -> Passage:
    return Passage("1", text, SourceKind.DOCUMENT)


def claim(text: str) -> Claim:
    return Claim(text, Span(0, len(text)))


async def judgements(judge: Judge, items: list[ClaimInQuestion]) -> list[Judgement]:
    return [judgement async for judgement in judge.judge(Exchange("", ""), items)]


@pytest.mark.anyio
async def test_the_judge_yields_one_judgement_per_claim_in_order() -> None:
    text = passage("The Louvre is in Paris. The Prado is not in Barcelona.")
    items = [
        ClaimInQuestion(claim(c), (text,)) for c in ("The Prado is in Barcelona.", "The Louvre is in Paris.", "Go!")
    ]
    labels = [judgement.label for judgement in await judgements(AlignmentJudge(), items)]
    assert labels == [Label.REFUTED, Label.SUPPORTED, Label.NOT_ENOUGH_EVIDENCE]


@pytest.mark.anyio
async def test_the_judge_is_always_ready() -> None:
    judge = AlignmentJudge()
    assert judge.name == "alignment"
    await judge.check()


def holds(judgement: Judgement) -> None:
    assert 0.0 <= judgement.score <= 1.0
    assert judgement.reason
    assert bool(judgement.evidence) == (judgement.label is not Label.NOT_ENOUGH_EVIDENCE)
    for evidence in judgement.evidence:
        assert evidence.quote
        assert evidence.span.end <= len(evidence.passage.text)
    if judgement.label is Label.SUPPORTED:
        assert judgement.score > 0.5
    if judgement.label is Label.REFUTED:
        assert judgement.score < 0.5


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=120), st.text(max_size=300))
def test_any_text_is_judged_without_failing(claimed: str, text: str) -> None:
    holds(judge_claim(claim(claimed), [passage(text)]))


@settings(max_examples=300, deadline=None)
@given(WORDS, WORDS)
def test_any_heap_of_telling_words_is_judged_without_failing(claimed: str, text: str) -> None:
    holds(judge_claim(claim(claimed), [passage(text)]))


@pytest.mark.parametrize(
    "piece", ["a", "1", "a:", "1,", "|", "A.", "k: v\n", "not ", "(", " ", "1 May ", "a=b", "Earth Moon "]
)
def test_hostile_lengths_are_read_through(piece: str) -> None:
    text = piece * (40_000 // len(piece))
    holds(judge_claim(claim("The earth is flat."), [passage(text)]))
    holds(judge_claim(claim(text), [passage("The Earth is round.")]))


def test_a_fact_behind_a_very_long_sentence_is_still_found() -> None:
    text = "word " * 4000 + ". The Earth is not flat."
    assert judge_claim(claim("The earth is flat."), [passage(text)]).label is Label.REFUTED


def test_a_claim_too_long_to_be_read_whole_is_never_called_supported() -> None:
    text = "The Earth is round. " * 200
    assert judge_claim(claim(text), [passage("The Earth is round.")]).label is Label.NOT_ENOUGH_EVIDENCE
