"""The CPU judge with a model that says what it was told, and with the one that ships."""

import pytest

from inference.errors import JudgeUnavailable
from inference.evidence.document import DocumentRetriever
from inference.judges.cross_encoder.judge import CLAIM_PIECES_MAX, CrossEncoderJudge
from inference.judges.cross_encoder.model import Probabilities, ScriptedModel, ShippedModel
from inference.judges.judge import ClaimInQuestion, Exchange
from inference.verdict import Claim, Judgement, Label, Passage, SourceKind, Span

YES, NO = Probabilities(0.95, 0.03, 0.02), Probabilities(0.02, 0.95, 0.03)
EXCHANGE = Exchange("Who works where?", "")


def passage(text: str, number: int = 0, kind: SourceKind = SourceKind.CORPUS, title: str = "") -> Passage:
    return Passage(id=str(number), text=text, kind=kind, title=title or f"Source {number}")


async def judged(judge: CrossEncoderJudge, text: str, *passages: Passage) -> Judgement:
    claim = ClaimInQuestion(Claim(text, Span(0, len(text))), passages)
    (judgement,) = [judgement async for judgement in judge.judge(EXCHANGE, [claim])]
    return judgement


REMOTE = "Staff come to the office on three days of every week."
CLAIM = "Everybody may stay at home for good."


async def test_a_refutation_says_what_the_source_says_and_what_the_response_says() -> None:
    judge = CrossEncoderJudge(ScriptedModel({(CLAIM, REMOTE): NO}))
    found = await judged(judge, CLAIM, passage(REMOTE, kind=SourceKind.DOCUMENT))
    assert found.label is Label.REFUTED
    assert found.reason.startswith(f'The document says "{REMOTE.rstrip(".")}"; the response says "')
    assert [evidence.quote for evidence in found.evidence] == [REMOTE]


async def test_what_a_search_found_on_another_subject_refutes_nothing() -> None:
    judge = CrossEncoderJudge(ScriptedModel({(CLAIM, f"Handbook {REMOTE}"): NO}))
    assert (await judged(judge, CLAIM, passage(REMOTE, title="Handbook"))).label is Label.NOT_ENOUGH_EVIDENCE


async def test_two_sources_that_disagree_are_both_shown() -> None:
    yes, no = "People may stay at home for good.", "Nobody may stay at home for good."
    judge = CrossEncoderJudge(ScriptedModel({(CLAIM, f"Handbook {no}"): NO, (CLAIM, f"Blog {yes}"): YES}))
    found = await judged(judge, CLAIM, passage(no, 1, title="Handbook"), passage(yes, 2, title="Blog"))
    assert {evidence.quote for evidence in found.evidence} == {yes, no}
    assert {evidence.label for evidence in found.evidence} == {Label.SUPPORTED, Label.REFUTED}
    assert "Sources disagree" in found.reason


async def test_a_doubtful_score_says_so_and_names_what_would_settle_it() -> None:
    judge = CrossEncoderJudge(ScriptedModel({(CLAIM, f"Handbook {REMOTE}"): Probabilities(0.45, 0.5, 0.05)}))
    found = await judged(judge, CLAIM, passage(REMOTE, title="Handbook"))
    assert "The judge is unsure" in found.reason
    assert "would settle it" in found.reason


async def test_a_number_that_differs_weighs_against_a_model_that_overlooks_it() -> None:
    text, claim = "The rent is £1,150 a month.", "The rent is £1,510 a month."
    judge = CrossEncoderJudge(ScriptedModel({(claim, f"Lease {text}"): YES}))
    sure = CrossEncoderJudge(ScriptedModel({(text, f"Lease {text}"): YES}))
    wrong = await judged(judge, claim, passage(text, title="Lease"))
    right = await judged(sure, text, passage(text, title="Lease"))
    assert wrong.score is not None
    assert right.score is not None
    assert wrong.score < right.score - 0.2


async def test_a_claim_too_long_to_read_is_declined_without_a_score() -> None:
    found = await judged(CrossEncoderJudge(ScriptedModel({})), "word " * (CLAIM_PIECES_MAX + 1), passage(REMOTE))
    assert found.score is None
    assert "too long" in found.reason


async def test_without_passages_nothing_is_known() -> None:
    assert (await judged(CrossEncoderJudge(ScriptedModel({})), CLAIM)).label is Label.NOT_ENOUGH_EVIDENCE


async def test_missing_or_damaged_weights_are_an_error_and_never_a_verdict(tmp_path) -> None:  # type: ignore[no-untyped-def]
    judge = CrossEncoderJudge(ShippedModel(tmp_path))
    with pytest.raises(JudgeUnavailable, match="cannot be loaded"):
        await judge.check()
    with pytest.raises(JudgeUnavailable):
        await judged(judge, CLAIM, passage(REMOTE))


async def test_the_same_claim_gives_the_same_bits_whatever_it_is_judged_beside() -> None:
    judge = CrossEncoderJudge()
    item = ClaimInQuestion(Claim(CLAIM, Span(0, 1)), (passage(REMOTE),))
    other = ClaimInQuestion(Claim("The rent is due in May.", Span(0, 1)), (passage("Rent is due in May."),))
    alone = [judgement async for judgement in judge.judge(EXCHANGE, [item])]
    beside = [judgement async for judgement in judge.judge(EXCHANGE, [other, item, other])]
    assert beside[1] == alone[0]
    again = [judgement async for judgement in CrossEncoderJudge().judge(EXCHANGE, [item])]
    assert again == alone


FACTS = [
    "The Corran lighthouse was built in 1874 by the engineer Ada Moss.",
    "Its lamp burned paraffin until the station was wired for electricity in 1926.",
    "The last keeper, Tom Reeve, left the island in 1983.",
]
CLAIMS = {
    "Ada Moss built the Corran lighthouse in 1874.": True,
    "The Corran lighthouse was built in 1894.": False,
    "Electricity came to the station in 1926.": True,
    "Tom Reeve was the last keeper and left in 1983.": True,
    "Tom Reeve left the island in 1938.": False,
}


def _long(words: int, at: float) -> str:
    """The facts at a place of a text of about so many words on other things."""
    fillers = []
    while sum(len(sentence.split()) for sentence in fillers) < words:
        number = len(fillers)
        fillers.append(f"On day {number} the crew painted shed {number % 17} and counted the gulls near the jetty.")
    place = int(len(fillers) * at)
    return " ".join([*fillers[:place], *FACTS, *fillers[place:]])


@pytest.mark.judge
@pytest.mark.parametrize("at", [0.0, 0.5, 1.0])
async def test_a_score_does_not_drift_with_the_length_of_the_document_or_the_place_of_the_fact(at: float) -> None:
    found: dict[str, list[Judgement]] = {claim: [] for claim in CLAIMS}
    for words in (200, 2_000, 20_000):
        retriever = DocumentRetriever(_long(words, at))
        for claim, judgements in found.items():
            passages = await retriever.retrieve(claim, 6)
            judgements.append(await judged(CrossEncoderJudge(), claim, *passages))
        await retriever.aclose()
    for claim, judgements in found.items():
        assert len({judgement.label for judgement in judgements}) == 1, claim
        scores = [judgement.score for judgement in judgements if judgement.score is not None]
        assert max(scores) - min(scores) < 0.1, claim
