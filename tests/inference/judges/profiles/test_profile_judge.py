"""The judge around a profile: which passages are read, in which order, how many claims at once, what failures are."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing

import pytest

from inference.errors import JudgeError, JudgeUnavailable
from inference.judges.english_only import EnglishOnly
from inference.judges.judge import ClaimInQuestion, Exchange, Judge
from inference.judges.profiles.document import document_of
from inference.judges.profiles.judge import CLAIMS_AT_ONCE
from inference.judges.profiles.lynx import lynx
from inference.judges.profiles.minicheck import minicheck
from inference.testing.scripted_engine import MODEL, Heard, ScriptedEngine, model_object
from inference.testing.scripted_reply import UNREACHABLE, ScriptedReply, refuses, says
from inference.verdict import Judgement, Label, Passage, SourceKind
from tests.inference.judges.profiles.profile_cases import (
    CLAIM,
    DOCUMENT,
    EXCHANGE,
    asked,
    judge_of,
    judgement,
    judgements,
    passage,
    texts,
    trained_judge,
    web_passage,
)

LIMIT_S = 60.0  # no wait of a test is longer


def yes_to_all(heard: Heard) -> ScriptedReply:
    return says("Yes")


async def test_a_supported_claim_quotes_the_sentence_that_holds_its_words() -> None:
    found = await judgement(judge_of(minicheck(), ScriptedEngine(yes_to_all)))
    assert [evidence.quote for evidence in found.evidence] == ["The Eiffel Tower stands in Paris."]
    assert found.evidence[0].label is Label.SUPPORTED
    assert found.reason.startswith('The document says "The Eiffel Tower stands in Paris"; Bespoke-MiniCheck finds')


async def test_a_supported_claim_that_shares_no_word_with_its_evidence_quotes_the_best_passage() -> None:
    passages = (passage("Zebras graze. They run.", 1, 500), passage("Lions sleep.", 2, 0))
    found = await judgement(judge_of(minicheck(), ScriptedEngine(yes_to_all)), asked("Equids eat grass.", *passages))
    assert [evidence.quote for evidence in found.evidence] == ["Zebras graze."]


@pytest.mark.parametrize("text", ["???", " – ", "東京タワー"])
async def test_a_supported_claim_always_has_evidence_even_of_passages_without_words(text: str) -> None:
    found = await judgement(judge_of(minicheck(), ScriptedEngine(yes_to_all)), asked(CLAIM, passage(text)))
    assert found.label is Label.SUPPORTED
    (evidence,) = found.evidence
    assert evidence.quote
    assert evidence.quote in text


async def test_without_passages_the_model_is_not_asked_and_the_reason_says_so() -> None:
    engine = ScriptedEngine([])
    found = await judgement(judge_of(minicheck(), engine), ClaimInQuestion(asked().claim, ()))
    assert (found.label, found.score, found.evidence) == (Label.NOT_ENOUGH_EVIDENCE, None, ())
    assert "no evidence" in found.reason
    assert engine.heard == []


async def test_passages_stand_in_the_order_of_their_source_and_what_two_share_stands_once() -> None:
    whole = "Alpha one. Beta two. Gamma three."
    second, first = passage(whole[11:], 2, 11), passage(whole[:20], 1, 0)
    assert document_of([second, first]) == whole


async def test_sources_stand_by_their_best_passage_each_under_its_title() -> None:
    passages = [web_passage("From B.", 2, "B"), passage("Later.", 4, 50), web_passage("From A.", 1, "A"), passage("X.")]
    assert document_of(passages) == "B\nFrom B.\n\nX.\n\nLater.\n\nA\nFrom A."


async def test_passages_of_one_page_are_put_together_and_untitled_ones_have_no_title() -> None:
    page = {"kind": SourceKind.WEB, "link": "https://example.org/"}
    passages = [Passage("b", "two", start=100, **page), Passage("a", "one", **page)]  # type: ignore[arg-type]
    assert document_of(passages) == "one\n\ntwo"


async def test_all_passages_are_read_if_they_fit() -> None:
    engine = ScriptedEngine(yes_to_all)
    passages = [web_passage(f"Fact {number}.", number, "") for number in range(6)]
    found = await judgement(judge_of(minicheck(), engine), asked(CLAIM, *passages))
    assert all(f"Fact {number}." in texts(engine)[0] for number in range(6))
    assert "passages" not in found.reason


async def test_as_many_of_the_best_passages_are_read_as_fit_and_the_reason_says_how_many() -> None:
    engine = ScriptedEngine(yes_to_all, served=[model_object(max_model_len=500)])
    passages = [web_passage(f"Fact{number} " + "word " * 60, number, "") for number in range(10)]
    found = await judgement(judge_of(minicheck(), engine), asked(CLAIM, *passages))
    read = [number for number in range(10) if f"Fact{number} " in texts(engine)[0]]
    assert read == list(range(len(read)))
    assert 1 <= len(read) < 10
    assert f"It read {len(read)} of 10 passages" in found.reason
    counted = len(engine.asked("/tokenize"))
    assert counted <= 6  # halving, not one by one


async def test_a_claim_whose_best_passage_does_not_fit_is_an_error_with_the_numbers() -> None:
    engine = ScriptedEngine([], served=[model_object(max_model_len=300)])
    passages = [web_passage("word " * 900, 1, ""), web_passage("short", 2, "")]
    with pytest.raises(JudgeError, match=r"take \d+ tokens, and scripted has room for 284: it reads 300 at once"):
        await judgement(judge_of(minicheck(), engine), asked(CLAIM, *passages))


async def test_a_context_that_the_engine_finds_too_short_after_all_is_an_error_of_the_judge() -> None:
    too_long = refuses(400, "This model's maximum context length is 100 tokens.", "context_length_exceeded")
    with pytest.raises(JudgeError, match="cannot read the claim with its evidence"):
        await judgement(judge_of(minicheck(), ScriptedEngine([too_long])))


async def test_a_long_question_is_shown_to_lynx_with_its_ends_only() -> None:
    engine = ScriptedEngine([says('{"REASONING": [], "SCORE": "PASS"}')])
    exchange = Exchange("begin " + "x" * 50_000 + " end", CLAIM)
    await judgements(judge_of(lynx(), engine), exchange=exchange)
    (text,) = texts(engine)
    assert "begin " in text
    assert " end\n" in text
    assert len(text) < 6_000


@pytest.mark.parametrize(
    "failure",
    [UNREACHABLE, refuses(503, "loading"), refuses(401, "bad key"), refuses(404, "The model does not exist.")],
)
async def test_an_engine_that_gives_no_answer_makes_the_judge_unavailable(failure: ScriptedReply) -> None:
    with pytest.raises(JudgeUnavailable):
        await judgement(judge_of(minicheck(), ScriptedEngine([failure])))


async def test_an_engine_that_is_down_or_serves_another_model_fails_the_check() -> None:
    with pytest.raises(JudgeUnavailable):
        await judge_of(minicheck(), ScriptedEngine([], down=True)).check()
    with pytest.raises(JudgeUnavailable, match="does not exist"):
        await judge_of(minicheck(), ScriptedEngine([], served=[model_object("other")])).check()
    await judge_of(minicheck(), ScriptedEngine([])).check()


async def test_judgements_come_in_the_order_of_the_claims_though_a_later_answer_comes_first() -> None:
    release = asyncio.Event()

    def answer(heard: Heard) -> ScriptedReply:
        number = heard.messages[-1]["content"].rpartition("number ")[2].rstrip(".")
        if number == "3":
            release.set()
        said = says("Yes" if int(number) % 2 else "No")
        return said.after(release) if number == "0" else said

    claims = [asked(f"This is claim number {number}.") for number in range(4)]
    async with asyncio.timeout(LIMIT_S):
        found = await judgements(judge_of(minicheck(), ScriptedEngine(answer)), *claims)
    supported, unknown = Label.SUPPORTED, Label.NOT_ENOUGH_EVIDENCE
    assert [judged.label for judged in found] == [unknown, supported, unknown, supported]


async def test_no_more_claims_than_the_bound_are_asked_about_at_once() -> None:
    release, full = asyncio.Event(), asyncio.Event()
    engine = ScriptedEngine([])

    def answer(heard: Heard) -> ScriptedReply:
        if len(engine.asked()) == CLAIMS_AT_ONCE:
            full.set()
        return says("Yes").after(release)

    engine.script = answer
    claims = [asked(f"This is claim number {number}.") for number in range(3 * CLAIMS_AT_ONCE)]
    async with asyncio.timeout(LIMIT_S):
        judging = asyncio.create_task(judgements(judge_of(minicheck(), engine), *claims))
        await full.wait()
        for _ in range(100):  # whatever else could start has had its turn
            await asyncio.sleep(0)
        assert len(engine.asked()) == CLAIMS_AT_ONCE
        release.set()
        assert len(await judging) == len(claims)


async def test_judgements_before_a_failure_are_given_and_the_rest_is_given_up() -> None:
    held = asyncio.Event()

    def answer(heard: Heard) -> ScriptedReply:
        content = heard.messages[-1]["content"]
        if "number 1." in content:
            return UNREACHABLE
        return says("Yes").after(held) if "number 2." in content else says("Yes")

    engine = ScriptedEngine(answer)
    judging = judge_of(minicheck(), engine).judge(EXCHANGE, [asked(f"This is claim number {n}.") for n in range(3)])
    found: list[Judgement] = []
    async with asyncio.timeout(LIMIT_S):
        with pytest.raises(JudgeUnavailable):
            await _collect(judging, found)
    assert [judged.label for judged in found] == [Label.SUPPORTED]
    assert len(engine.aborted) == len([heard for heard in engine.asked() if "number 2." in str(heard.messages)])


async def _collect(judging: AsyncIterator[Judgement], found: list[Judgement]) -> None:
    async for judged in judging:
        found.append(judged)


@pytest.mark.parametrize("around", [lambda judge: judge, EnglishOnly], ids=["alone", "behind EnglishOnly"])
async def test_who_leaves_early_aborts_what_is_still_asked(around: Callable[[Judge], Judge]) -> None:
    held, all_asked = asyncio.Event(), asyncio.Event()
    engine = ScriptedEngine([])

    def answer(heard: Heard) -> ScriptedReply:
        if len(engine.asked()) == 4:
            all_asked.set()
        return says("Yes") if "number 0." in heard.messages[-1]["content"] else says("Yes").after(held)

    engine.script = answer
    judge = around(judge_of(minicheck(), engine))
    async with asyncio.timeout(LIMIT_S):
        async with aclosing(judge.judge(EXCHANGE, [asked(f"This is claim number {n}.") for n in range(4)])) as judging:
            assert (await anext(judging)).label is Label.SUPPORTED
            await all_asked.wait()
    assert len(engine.aborted) == 3


TRUSTED = [says("No"), says("Yes")]
"""What a Granite Guardian says in its trial if it is asked for grounding."""


async def test_granite_guardian_is_tried_once_before_it_is_believed() -> None:
    engine = ScriptedEngine([*TRUSTED, says("No"), says("No")])
    judge = trained_judge(MODEL, "granite-guardian-3.2", engine)
    await judge.check()
    await judge.check()
    assert len(engine.asked()) == 2
    assert [(await judgement(judge)).label for _ in range(2)] == [Label.SUPPORTED] * 2
    assert len(engine.asked()) == 4


@pytest.mark.parametrize("answers", [("No", "No"), ("Yes", "Yes"), ("Yes", "No")])
async def test_a_granite_guardian_that_looks_for_something_else_judges_nothing(answers: tuple[str, str]) -> None:
    judge = trained_judge(MODEL, "granite-guardian-3.2", ScriptedEngine([says(answer) for answer in answers]))
    with pytest.raises(JudgeUnavailable, match=r"did not pass its trial.*chat_template_kwargs"):
        await judgement(judge)


async def test_a_trial_that_could_not_be_held_is_held_again() -> None:
    engine = ScriptedEngine([UNREACHABLE, *TRUSTED, says("No")])
    judge = trained_judge(MODEL, "granite-guardian-3.2", engine)
    with pytest.raises(JudgeUnavailable):
        await judgement(judge)
    assert (await judgement(judge)).label is Label.SUPPORTED


async def test_where_nobody_counts_tokens_too_few_passages_are_read_rather_than_too_many() -> None:
    engine = ScriptedEngine(
        yes_to_all, served=[model_object(owned_by="other", max_model_len=None)], counts_tokens=False
    )
    judge = trained_judge(MODEL, "minicheck", engine, 1200)
    passages = [web_passage(f"Fact{number} " + "word " * 40, number, "") for number in range(10)]
    await judgement(judge, asked(CLAIM, *passages))
    (text,) = texts(engine)
    assert "Fact0" in text
    assert len(text.encode()) < 1200
    assert DOCUMENT not in text


async def test_a_claim_in_a_language_that_the_model_was_not_trained_on_is_declined_without_asking() -> None:
    engine = ScriptedEngine([])
    german = "Der Eiffelturm steht seit vielen Jahren mitten in der Stadt Paris und nicht in Rom."
    judge = trained_judge(MODEL, "minicheck", engine)
    (found,) = await judgements(judge, asked(german), exchange=Exchange("Wo steht er?", german))
    assert (found.label, found.score) == (Label.NOT_ENOUGH_EVIDENCE, None)
    assert "German" in found.reason
    assert engine.heard == []
