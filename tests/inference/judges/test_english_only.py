"""What stands before a judge that reads English: who passes, who is declined, and in which order."""

from collections.abc import AsyncIterator, Sequence

import pytest

from inference.errors import JudgeUnavailable
from inference.judges.english_only import EnglishOnly
from inference.judges.judge import ClaimInQuestion, Exchange
from inference.judges.scripted import ScriptedJudge
from inference.verdict import Claim, Judgement, Label, Passage, Provenance, SourceKind, Span

TOWER = "The tower is in Paris and it opened in 1889."
RIVER = "The river flows through the city and into the sea."
TURM = "Der Turm steht seit 1889 in der Stadt Paris und ist aus Eisen."
TOUR = "La tour se trouve à Paris depuis la fin du siècle et elle est en fer."


class RememberingJudge:
    """Supports everything, and remembers what it was asked."""

    name = "remembering"
    provenance = Provenance("remembering", "")
    passages_per_claim: int | None = None

    def __init__(self, says: int | None = None) -> None:
        self.calls: list[Sequence[ClaimInQuestion]] = []
        self._says = says

    async def judge(self, exchange: Exchange, claims: Sequence[ClaimInQuestion]) -> AsyncIterator[Judgement]:
        self.calls.append(claims)
        for number in range(len(claims) if self._says is None else self._says):
            yield Judgement(Label.SUPPORTED, 0.9, f"judged {number}")

    async def check(self) -> None:
        return


def passage(text: str) -> Passage:
    return Passage(text, text, SourceKind.WEB)


def claim(text: str, *passages: str) -> ClaimInQuestion:
    return ClaimInQuestion(Claim(text, Span(0, 0)), tuple(map(passage, passages)))


async def judged(inner: RememberingJudge, *claims: ClaimInQuestion, response: str = "") -> list[Judgement]:
    return [judgement async for judgement in EnglishOnly(inner).judge(Exchange("q", response), claims)]


async def test_a_claim_in_another_language_is_declined_with_its_language_and_without_a_score() -> None:
    inner = RememberingJudge()
    [judgement] = await judged(inner, claim(TURM, TOWER))
    assert (judgement.label, judgement.score, judgement.evidence) == (Label.NOT_ENOUGH_EVIDENCE, None, ())
    assert judgement.reason == (
        "The claim is in German. This judge reads English and cannot judge it well; check it by hand, or use a judge "
        "that reads German."
    )
    assert inner.calls == []


async def test_the_others_reach_the_judge_in_one_call_and_all_come_back_in_order() -> None:
    inner = RememberingJudge()
    claims = [claim(TURM), claim(TOWER, TOWER), claim(TOUR), claim(RIVER, RIVER), claim(TURM)]
    judgements = await judged(inner, *claims)
    assert [item.score for item in judgements] == [None, 0.9, None, 0.9, None]
    assert [item.reason for item in judgements if item.score] == ["judged 0", "judged 1"]
    assert inner.calls == [[claims[1], claims[3]]]


async def test_passages_in_another_language_are_left_out_while_english_ones_remain() -> None:
    inner = RememberingJudge()
    await judged(inner, claim(TOWER, TURM, RIVER, TOUR, TOWER))
    assert [p.text for p in inner.calls[0][0].passages] == [RIVER, TOWER]


async def test_a_claim_whose_evidence_is_all_in_other_languages_is_declined() -> None:
    [judgement] = await judged(RememberingJudge(), claim(TOWER, TURM, TOUR, TURM))
    assert judgement.score is None
    assert judgement.reason.startswith("The evidence is in German and French. This judge reads English")


async def test_a_claim_without_evidence_is_the_judges_to_judge() -> None:
    assert (await judged(RememberingJudge(), claim(TOWER)))[0].score == 0.9


@pytest.mark.parametrize("text", ["Paris", "El Niño", "42 days", "Client:Acme Amt:7116GBP"])
async def test_what_cannot_be_told_is_judged(text: str) -> None:
    assert (await judged(RememberingJudge(), claim(text, text)))[0].score == 0.9


async def test_the_words_of_the_response_count_more_than_those_that_an_english_question_lends() -> None:
    lent = ClaimInQuestion(Claim(f"The tower that you see in the city is {TURM}", Span(0, len(TURM))), ())
    assert (await judged(RememberingJudge(), lent, response=TURM))[0].score is None


async def test_a_claim_that_is_too_short_takes_the_language_of_its_response() -> None:
    response = f"{TURM} Gustave Eiffel."
    short = ClaimInQuestion(Claim("Gustave Eiffel.", Span(len(TURM) + 1, len(response))), ())
    assert (await judged(RememberingJudge(), short, response=response))[0].reason.startswith("The claim is in German")
    assert (await judged(RememberingJudge(), short, response="x" * len(TURM) + " Gustave Eiffel."))[0].score == 0.9


@pytest.mark.parametrize("says", [0, 1, 3])
async def test_a_judge_that_says_too_little_or_too_much_is_not_covered_up(says: int) -> None:
    judgements = await judged(RememberingJudge(says), claim(TOWER), claim(RIVER), claim(TURM))
    assert len(judgements) != 3


async def test_judgements_come_as_soon_as_they_are_known() -> None:
    script = ScriptedJudge({TOWER: Judgement(Label.SUPPORTED, 0.9, "known")})  # and fails at RIVER
    judgements = EnglishOnly(script).judge(Exchange("q", ""), [claim(TURM), claim(TOWER), claim(RIVER)])
    assert [(await anext(judgements)).score, (await anext(judgements)).score] == [None, 0.9]


async def test_it_is_named_as_the_judge_behind_it_and_no_readier() -> None:
    down = ScriptedJudge({}, available=False)
    assert EnglishOnly(down).name == "scripted"
    with pytest.raises(JudgeUnavailable):
        await EnglishOnly(down).check()
