"""One verification from question to verdict, with judges and sources that the test controls."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import pytest

from inference.admission import Admission
from inference.errors import (
    BadInput,
    CorpusUnreadable,
    DeadlineExceeded,
    EvidenceUnavailable,
    JudgeError,
    JudgeUnreadable,
    SearchFailed,
    TooLarge,
)
from inference.evidence.memory import InMemoryRetriever
from inference.judges.judge import ClaimInQuestion, Exchange, Judge
from inference.judges.scripted import ScriptedJudge
from inference.urgency import Urgency, working_at
from inference.verdict import Evidence, Judgement, Label, Passage, Provenance, SourceKind, Span, Verdict
from tools.limits import Limits
from tools.question import MCP_FIELDS, REST_FIELDS, Question
from tools.verification import ClaimJudged, ClaimsFound, News, Verification
from tools.verify import CLAIMS_PER_RUN, Verifier, conclusion

TOWER = Passage("p1", "The Eiffel Tower is in Paris, France.", SourceKind.CORPUS, "Eiffel Tower", "touchstone://x/1")
RIVER = Passage("p2", "The Seine flows through Paris.", SourceKind.WEB, "Seine", "https://example.org/seine")


class FirstWordJudge:
    """Supports what it has a passage for, with the passage's first word as evidence."""

    name = "first-word"
    provenance = Provenance("first-word", "")
    passages_per_claim: int | None = None

    def __init__(self) -> None:
        self.seen: list[ClaimInQuestion] = []

    async def judge(self, exchange: Exchange, claims: Sequence[ClaimInQuestion]) -> AsyncIterator[Judgement]:
        for item in claims:
            self.seen.append(item)
            if not item.passages:
                yield Judgement(Label.NOT_ENOUGH_EVIDENCE, 0.4, "Nothing bears on it.")
                continue
            evidence = Evidence(item.passages[0], Span(0, 3), Label.SUPPORTED)
            yield Judgement(Label.SUPPORTED, 0.9, "It starts so.", (evidence,))

    async def check(self) -> None:
        return


class HungJudge(FirstWordJudge):
    async def judge(self, exchange: Exchange, claims: Sequence[ClaimInQuestion]) -> AsyncIterator[Judgement]:
        await asyncio.Event().wait()
        yield Judgement(Label.SUPPORTED, 1.0, "never")


class MeetingJudge(FirstWordJudge):
    """Judges nothing before it has been asked three times."""

    def __init__(self) -> None:
        super().__init__()
        self.asked_three_times = asyncio.Barrier(3)

    async def judge(self, exchange: Exchange, claims: Sequence[ClaimInQuestion]) -> AsyncIterator[Judgement]:
        await self.asked_three_times.wait()
        async for judgement in super().judge(exchange, claims):
            yield judgement


class SilentJudge(FirstWordJudge):
    """A judge with a fault: it says nothing of the claims."""

    async def judge(self, exchange: Exchange, claims: Sequence[ClaimInQuestion]) -> AsyncIterator[Judgement]:
        for judgement in list[Judgement]():
            yield judgement


def verifier(judge: Judge | None = None, *retrievers: InMemoryRetriever, **limits: float) -> Verifier:
    return Verifier(
        judge=judge or FirstWordJudge(),
        retrievers=retrievers or (InMemoryRetriever([TOWER, RIVER]),),
        limits=Limits(**limits),  # type: ignore[arg-type]
        admission=Admission(2, 2),
    )


def ask(response: str = "The Eiffel Tower is in Paris.", document: str | None = None) -> Question:
    return Question("Where is the Eiffel Tower?", response, document)


async def verify(by: Verifier, question: Question) -> Verification:
    return await conclusion(by.stream(question, REST_FIELDS))


async def test_news_come_in_order_claims_found_each_claim_then_the_verification() -> None:
    response = "The Eiffel Tower is in Paris. The Seine flows through Paris."
    news: list[News] = [item async for item in verifier().stream(ask(response), REST_FIELDS)]
    assert [type(item) for item in news] == [ClaimsFound, ClaimJudged, ClaimJudged, Verification]
    assert isinstance(news[0], ClaimsFound)
    assert news[0].total == 2


async def test_spans_point_at_the_claims_in_the_response() -> None:
    response = "Sure! The Eiffel Tower is in Paris.  The Seine flows through Paris."
    verification = await verify(verifier(), ask(response))
    for item in verification.claims:
        assert item.claim.text.rstrip(".") in response[item.claim.span.start : item.claim.span.end]


async def test_with_a_document_no_other_source_is_asked() -> None:
    judge = FirstWordJudge()
    failing = InMemoryRetriever([], failure=SearchFailed("must not be asked"))
    verification = await verify(verifier(judge, failing), ask(document="The Eiffel Tower stands in Paris."))
    assert verification.verdict is Verdict.SUPPORTED
    assert {p.kind for item in judge.seen for p in item.passages} == {SourceKind.DOCUMENT}
    assert verification.search_results == ()


async def test_the_document_is_quoted_with_offsets_into_the_whole_document() -> None:
    document = "Preface. " * 500 + "The Eiffel Tower stands in Paris. " + "Appendix. " * 500
    verification = await verify(verifier(), ask(document=document))
    evidence = verification.claims[0].judgement.evidence[0]
    assert document[evidence.source_span.start : evidence.source_span.end] == evidence.quote


async def test_sources_quoted_come_first_among_the_search_results() -> None:
    verification = await verify(verifier(), ask("The Seine flows through Paris."))
    assert verification.search_results[0].link == RIVER.link


async def test_a_source_that_fails_is_named_when_a_claim_stays_open() -> None:
    empty = InMemoryRetriever([])
    failing = InMemoryRetriever([], failure=SearchFailed("no network"))
    verification = await verify(verifier(None, empty, failing), ask())
    assert verification.verdict is Verdict.NOT_ENOUGH_EVIDENCE
    assert "no network" in verification.explanation


async def test_when_every_source_fails_there_is_no_verdict() -> None:
    failing = InMemoryRetriever([], failure=SearchFailed("no network"))
    with pytest.raises(EvidenceUnavailable, match="no network"):
        await verify(verifier(None, failing), ask())


async def test_a_broken_corpus_is_an_error_though_other_sources_answer() -> None:
    broken = InMemoryRetriever([], failure=CorpusUnreadable("corrupt"))
    with pytest.raises(CorpusUnreadable):
        await verify(verifier(None, InMemoryRetriever([TOWER]), broken), ask())


async def test_a_judge_that_answers_nonsense_is_an_error() -> None:
    with pytest.raises(JudgeUnreadable):
        await verify(verifier(ScriptedJudge({})), ask())


async def test_a_judge_that_is_not_there_is_an_error() -> None:
    with pytest.raises(JudgeError):
        await verify(verifier(ScriptedJudge({}, available=False)), ask())


async def test_a_judge_that_leaves_claims_out_is_an_error() -> None:
    with pytest.raises(JudgeUnreadable, match="0 judgements for 1 claims"):
        await verify(verifier(SilentJudge()), ask())


async def test_a_judge_that_hangs_is_cut_off_and_its_slot_freed() -> None:
    hung = verifier(HungJudge(), verify_timeout_s=0.05)
    for _ in range(5):  # more than run and wait together
        with pytest.raises(DeadlineExceeded, match="TOUCHSTONE_VERIFY_TIMEOUT_S"):
            await verify(hung, ask())


async def test_a_caller_that_leaves_frees_its_slot() -> None:
    by = verifier(HungJudge(), verify_timeout_s=60)
    for _ in range(5):
        news = by.stream(ask(), REST_FIELDS)
        await anext(news)
        await news.aclose()


async def test_a_response_with_nothing_to_check_is_no_hallucination_and_has_no_score() -> None:
    verification = await verify(verifier(), Question("Can you help?", "Happy to help!"))
    assert (verification.verdict, verification.is_hallucination) == (Verdict.NOTHING_TO_CHECK, False)
    assert verification.score is None
    assert verification.explanation.startswith("Nothing to check")


@pytest.mark.parametrize("blank", ["", "  \n\t", "\u200b\u2060", "\x00\x00", "\ufeff"])
async def test_blank_texts_are_refused_in_the_callers_own_words(blank: str) -> None:
    for question, rest, mcp in [
        (Question(blank, "a"), "prompt", "prompt"),
        (Question("a", blank), "output", "response"),
        (Question("a", "b", blank), "context", "documentContent"),
    ]:
        for fields, name in [(REST_FIELDS, rest), (MCP_FIELDS, mcp)]:
            with pytest.raises(BadInput) as error:
                await conclusion(verifier().stream(question, fields))
            assert error.value.param == name


async def test_half_a_surrogate_pair_is_refused_with_its_place() -> None:
    with pytest.raises(BadInput, match="character 5"):
        await verify(verifier(), ask("Tower\ud800"))


async def test_what_is_too_large_is_refused_with_limit_and_setting() -> None:
    with pytest.raises(TooLarge, match=r"11 characters.*10.*TOUCHSTONE_DOCUMENT_CHARS_MAX"):
        await verify(verifier(document_chars_max=10), ask(document="x" * 11))
    with pytest.raises(TooLarge, match="TOUCHSTONE_CLAIMS_MAX"):
        await verify(verifier(claims_max=2), ask("The sky is blue. The sea is green. The sun is hot."))


async def test_usage_counts_what_was_read_and_written() -> None:
    usage = (await verify(verifier(), ask())).usage
    assert usage.prompt_tokens > 10
    assert usage.completion_tokens > 5
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens


async def test_runs_of_a_long_response_are_judged_side_by_side_and_told_in_order() -> None:
    response = " ".join(f"Tower {number} is {number} metres tall." for number in range(10, 10 + 3 * CLAIMS_PER_RUN))
    by = replace(verifier(MeetingJudge(), verify_timeout_s=20), runs_abreast=3)
    news = [item async for item in by.stream(ask(response), REST_FIELDS) if isinstance(item, ClaimJudged)]
    spans = [item.claim.claim.span.start for item in news]
    assert [item.index for item in news] == list(range(3 * CLAIMS_PER_RUN))
    assert spans == sorted(spans)


async def test_a_line_of_a_batch_may_wait_for_its_turn_for_longer_than_a_verification_may_take(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loop, limit_s, admission = asyncio.get_running_loop(), 1_000.0, Admission(1, 1)
    now = loop.time

    async def until(running: int, waiting: int) -> None:
        while (admission.running, admission.waiting) != (running, waiting):  # noqa: ASYNC110  turns of the loop
            await asyncio.sleep(0)

    by = replace(verifier(verify_timeout_s=limit_s), admission=admission)
    hung = replace(by, judge=HungJudge(), limits=Limits(verify_timeout_s=10 * limit_s))
    running = asyncio.create_task(verify(hung, ask()))
    await until(1, 0)
    with working_at(Urgency.BATCH):
        line = asyncio.create_task(verify(by, ask()))
    await until(1, 1)
    live = asyncio.create_task(verify(by, ask()))
    await until(1, 2)
    monkeypatch.setattr(loop, "time", lambda: now() + 2 * limit_s)
    with pytest.raises(DeadlineExceeded):
        await live  # waits no longer than that
    assert not line.done()
    running.cancel()
    assert (await line).verdict is Verdict.SUPPORTED
