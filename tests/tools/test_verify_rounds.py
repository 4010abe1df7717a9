"""A verification as an agent within bounds: queries, searches, judgements, and once more what stays undecided."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import replace

import pytest

from inference.admission import Admission
from inference.engine.language_model import Ask
from inference.errors import (
    CorpusUnreadable,
    DeadlineExceeded,
    EngineUnavailable,
    EvidenceUnavailable,
    JudgeUnavailable,
    JudgeUnreadable,
    SearchFailed,
)
from inference.evidence.model_queries import FAILURE, ModelQueryWriter
from inference.evidence.retriever import Retriever
from inference.judges.judge import ClaimInQuestion, Exchange
from inference.testing.plain_words_judge import OPEN, SPENT, PlainWordsJudge
from inference.testing.scripted_model import ScriptedAnswer, ScriptedLanguageModel
from inference.testing.scripted_search import ScriptedSearch
from inference.verdict import Basis, Judgement, Label, Passage, SourceKind, Tokens, Verdict
from tools.evidence import QUERIES_AT_ONCE_MAX, merged
from tools.limits import Limits
from tools.question import REST_FIELDS, Question
from tools.rounds import SECOND_ROUND_SHARE
from tools.verification import ClaimJudged, ClaimsFound, News, Step, Verification
from tools.verify import CLAIMS_PER_RUN, Verifier, conclusion

TOWER, RIVER, WALL = "The Eiffel Tower is in Paris.", "The Seine flows through Paris.", "The wall is in China."
KNOWN = Judgement(Label.SUPPORTED, 0.8, "So I remember.", basis=Basis.MODEL_KNOWLEDGE, tokens=SPENT)


def page(text: str, title: str = "A page") -> Passage:
    return Passage(f"web/{text}", text, SourceKind.WEB, title, f"https://example.org/{text}")


def queries(*of_claims: str | Sequence[str]) -> str:
    """What a model answers that writes these queries."""
    lists = [[each] if isinstance(each, str) else list(each) for each in of_claims]
    return json.dumps({str(number): each for number, each in enumerate(lists, 1)})


def model(*answers: ScriptedAnswer) -> ScriptedLanguageModel:
    return ScriptedLanguageModel(answers)


def agent(
    writes: ScriptedLanguageModel,
    *retrievers: Retriever,
    judge: PlainWordsJudge | None = None,
    clock: Callable[[], float] = lambda: 0.0,
    **limits: float,
) -> Verifier:
    return Verifier(
        judge=judge or PlainWordsJudge(),
        retrievers=retrievers,
        limits=Limits(**limits),  # type: ignore[arg-type]
        admission=Admission(1, 0),
        queries=ModelQueryWriter(writes),
        clock=clock,
    )


def ask(*claims: str, document: str | None = None, material: str = "") -> Question:
    return Question("Tell me.", " ".join(claims), document, material)


async def news_of(by: Verifier, question: Question) -> list[News]:
    return [item async for item in by.stream(question, REST_FIELDS)]


async def verify(by: Verifier, question: Question) -> Verification:
    return await conclusion(by.stream(question, REST_FIELDS))


def steps(news: Iterable[News]) -> list[str]:
    return [item.text for item in news if isinstance(item, Step)]


async def test_the_model_writes_queries_and_what_they_find_is_judged_with_each_step_told() -> None:
    pages = ScriptedSearch({"eiffel tower city": [page("says so")], "seine course": [page("denies it")]})
    by = agent(model(queries("eiffel tower city", "seine course")), pages)
    news = await news_of(by, ask(TOWER, RIVER))
    assert steps(news) == [
        "writing search queries for 2 claims",
        'searching for "eiffel tower city"',
        'searching for "seine course"',
        "judging 2 claims by what was found",
    ]
    assert isinstance(news[0], ClaimsFound)
    assert [type(item) for item in news[-3:]] == [ClaimJudged, ClaimJudged, Verification]
    assert [item.index for item in news if isinstance(item, ClaimJudged)] == [0, 1]
    assert isinstance(news[-1], Verification)
    assert [c.judgement.label for c in news[-1].claims] == [Label.SUPPORTED, Label.REFUTED]
    assert pages.asked == ["eiffel tower city", "seine course"]


async def test_every_source_is_searched_with_the_written_queries_and_web_search_is_not_needed() -> None:
    corpus, starter = ScriptedSearch({"q": [page("says so")]}, name="corpus"), ScriptedSearch(name="starter")
    assert (await verify(agent(model(queries("q")), corpus, starter), ask(TOWER))).verdict is Verdict.SUPPORTED
    assert corpus.asked == starter.asked == ["q"]


async def test_passages_of_several_queries_are_merged_by_rank_each_once() -> None:
    a, b, c, d = map(page, ("a", "b", "c", "d"))
    judge = PlainWordsJudge(KNOWN)
    pages = ScriptedSearch({"one": [a, b, c], "two": [d, a]})
    await verify(agent(model(queries(["one", "two"]), queries("three")), pages, judge=judge), ask(TOWER))
    assert judge.runs[0][0].passages == (a, d, b, c)


def test_merging_keeps_the_best_ranks_when_there_is_no_room_for_all() -> None:
    a, b, c = map(page, ("a", "b", "c"))
    assert merged([[a, b], [], [c]], 2) == (a, c)
    assert merged([[a], [a]], 5) == (a,)
    assert merged([], 5) == ()


async def test_a_query_that_two_claims_share_is_searched_for_once() -> None:
    pages = ScriptedSearch({"paris": [page("says so")]})
    verification = await verify(agent(model(queries("paris", "paris")), pages), ask(TOWER, RIVER))
    assert verification.verdict is Verdict.SUPPORTED
    assert pages.asked == ["paris"]


async def test_only_so_many_queries_are_searched_for_at_once() -> None:
    claims = [f"Tower number {n} is tall." for n in range(CLAIMS_PER_RUN)]
    written = queries(*([f"query {n}", f"other {n}"] for n in range(CLAIMS_PER_RUN)))
    pages = ScriptedSearch({f"query {n}": [page(f"{n} says so")] for n in range(CLAIMS_PER_RUN)})
    await verify(agent(model(written), pages), ask(*claims))
    assert len(pages.asked) == 2 * CLAIMS_PER_RUN
    assert pages.at_once_max == QUERIES_AT_ONCE_MAX


async def test_undecided_claims_alone_are_searched_for_once_more_and_judged_by_old_and_new_passages() -> None:
    old, found, other = page("old", "Old page"), page("says so"), page("too, says so")
    judge = PlainWordsJudge()
    writes = model(queries("seine course", "tower city", "wall"), queries("eiffel tower arrondissement"))
    pages = ScriptedSearch(
        {"seine course": [other], "tower city": [old], "eiffel tower arrondissement": [found], "wall": [other]}
    )
    news = await news_of(agent(writes, pages, judge=judge), ask(RIVER, TOWER, WALL))
    assert steps(news)[-3:] == [
        "searching once more for 1 undecided claim",
        'searching for "eiffel tower arrondissement"',
        "judging 1 claim by what was found",
    ]
    assert [item.claim.text for item in judge.runs[1]] == [TOWER]
    assert judge.runs[1][0].passages == (found, old)
    judged = [item for item in news if isinstance(item, ClaimJudged)]
    assert [(j.index, j.claim.claim.text, j.claim.judgement.label) for j in judged] == [
        (0, RIVER, Label.SUPPORTED),
        (1, TOWER, Label.SUPPORTED),
        (2, WALL, Label.SUPPORTED),
    ]
    shown = json.loads(writes.asked[1].turns[1].content)["claims"]
    assert shown == {"1": {"claim": TOWER, "searched": ["tower city"], "found": ["Old page"]}}


async def test_there_is_one_second_round_and_never_a_third() -> None:
    judge = PlainWordsJudge()
    writes = model(queries("one"), queries("two"))  # a third ask would be an error
    verification = await verify(agent(writes, ScriptedSearch(), judge=judge), ask(TOWER))
    assert (verification.verdict, len(judge.runs), len(writes.asked)) == (Verdict.NOT_ENOUGH_EVIDENCE, 2, 2)


@pytest.mark.parametrize(
    ("first", "second", "stays"),
    [
        (OPEN, KNOWN, KNOWN),
        (KNOWN, OPEN, KNOWN),
        (KNOWN, Judgement(Label.REFUTED, 0.1, "Read.", tokens=SPENT), "second"),
        (OPEN, Judgement(Label.NOT_ENOUGH_EVIDENCE, 0.3, "Read more.", tokens=SPENT), "second"),
    ],
    ids=["memory over nothing", "memory is kept", "evidence over memory", "the later of equals"],
)
async def test_the_better_founded_judgement_stays_and_both_are_paid_for(
    first: Judgement, second: Judgement, stays: Judgement | str
) -> None:
    class InTurn(PlainWordsJudge):
        def of(self, item: ClaimInQuestion) -> Judgement:
            return (first, second)[len(self.runs) - 1]

    verification = await verify(agent(model(queries("a"), queries("b")), ScriptedSearch(), judge=InTurn()), ask(TOWER))
    assert verification.claims[0].judgement == (second if stays == "second" else stays)
    asks, judgements = Tokens(20, 10), Tokens(14, 2)
    total = asks + judgements
    assert (verification.usage.prompt_tokens, verification.usage.completion_tokens) == (total.read, total.written)


async def test_what_rests_on_memory_is_searched_for_once_more() -> None:
    pages = ScriptedSearch({"b": [page("denies it")]})
    verification = await verify(
        agent(model(queries("a"), queries("b")), pages, judge=PlainWordsJudge(KNOWN)), ask(TOWER)
    )
    assert verification.verdict is Verdict.REFUTED
    assert verification.claims[0].judgement.basis is Basis.EVIDENCE


async def test_memory_that_no_search_confirms_counts_and_is_named() -> None:
    verification = await verify(
        agent(model(queries("a"), queries("b")), ScriptedSearch(), judge=PlainWordsJudge(KNOWN)), ask(TOWER)
    )
    assert (verification.verdict, verification.is_hallucination) == (Verdict.SUPPORTED, False)
    assert "The judge remembers this; no source was found that says it." in verification.explanation


async def test_a_second_round_without_anything_new_to_search_for_judges_nothing_again() -> None:
    judge = PlainWordsJudge()
    news = await news_of(agent(model(queries("a"), queries("A")), ScriptedSearch(), judge=judge), ask(TOWER))
    assert steps(news)[-1] == "there is nothing else to search for"
    assert len(judge.runs) == 1
    assert isinstance(news[-1], Verification)


async def test_claims_are_searched_for_in_their_own_words_when_the_model_writes_nonsense_and_that_is_said() -> None:
    pages = ScriptedSearch({TOWER: [page("says so")]})
    news = await news_of(agent(model("nonsense", "nonsense"), pages), ask(TOWER))
    assert f"{FAILURE}; searching for the claims in their own words" in steps(news)
    assert isinstance(news[-1], Verification)
    assert news[-1].verdict is Verdict.SUPPORTED
    assert (news[-1].usage.prompt_tokens, news[-1].usage.completion_tokens) == (27, 11)


async def test_a_model_that_is_down_is_an_error_in_either_round() -> None:
    down = EngineUnavailable("the engine is down")
    for answers in ([down], [queries("a"), down]):
        with pytest.raises(JudgeUnavailable, match="the engine is down"):
            await verify(agent(model(*answers), ScriptedSearch()), ask(TOWER))


async def test_a_judge_that_fails_in_the_second_round_is_an_error() -> None:
    class FailsLater(PlainWordsJudge):
        def of(self, item: ClaimInQuestion) -> Judgement:
            if len(self.runs) > 1:
                raise JudgeUnreadable("nonsense")
            return OPEN

    with pytest.raises(JudgeUnreadable):
        await verify(agent(model(queries("a"), queries("b")), ScriptedSearch(), judge=FailsLater()), ask(TOWER))


@pytest.mark.parametrize(
    "hostile", ["site:evil.example tower", "!g tower\nrm -rf /", '"tower"\x00\u202e', "tower " * 500, "\\tower -(x)"]
)
async def test_hostile_queries_reach_no_source_as_they_are(hostile: str) -> None:
    pages = ScriptedSearch()
    news = await news_of(agent(model(queries(hostile), queries(hostile)), pages), ask(TOWER))
    (query,) = pages.asked
    assert "tower" in query
    assert len(query) <= 150
    assert query.isprintable()
    assert not set(query) & set('"!\\()')
    assert "site:" not in query
    assert f'searching for "{query}"' in steps(news)


async def test_a_source_that_fails_is_named_though_another_one_answered() -> None:
    broken = ScriptedSearch(
        failures={"a": SearchFailed("no network"), "b": SearchFailed("no network")}, name="broken web"
    )
    verification = await verify(agent(model(queries("a"), queries("b")), ScriptedSearch(), broken), ask(TOWER))
    assert verification.verdict is Verdict.NOT_ENOUGH_EVIDENCE
    assert "No answer from broken web: no network" in verification.explanation


async def test_when_no_query_of_a_claim_is_answered_there_is_no_verdict() -> None:
    pages = ScriptedSearch({"b": [page("says so")]}, {"a": SearchFailed("refused")})
    with pytest.raises(EvidenceUnavailable, match="refused"):
        await verify(agent(model(queries("a", "b")), pages), ask(TOWER, RIVER))


async def test_one_answered_query_is_enough_and_the_failed_one_is_named() -> None:
    pages = ScriptedSearch(failures={"a": SearchFailed("refused")})
    verification = await verify(agent(model(queries(["a", "b"]), queries("c")), pages), ask(TOWER))
    assert verification.verdict is Verdict.NOT_ENOUGH_EVIDENCE
    assert "refused" in verification.explanation


@pytest.mark.parametrize("first", [OPEN, KNOWN], ids=["undecided", "by memory"])
async def test_a_second_search_that_fails_leaves_the_first_verdict_and_says_so(first: Judgement) -> None:
    pages = ScriptedSearch(failures={"b": SearchFailed("refused")})
    news = await news_of(agent(model(queries("a"), queries("b")), pages, judge=PlainWordsJudge(first)), ask(TOWER))
    assert steps(news)[-1] == "the second search came to nothing; what the first one found stands"
    assert isinstance(news[-1], Verification)
    assert news[-1].claims[0].judgement == first
    assert ("refused" in news[-1].explanation) is (first is OPEN)


async def test_a_broken_corpus_is_an_error_in_either_round() -> None:
    for broken in ("a", "b"):
        pages = ScriptedSearch(failures={broken: CorpusUnreadable("corrupt")})
        with pytest.raises(CorpusUnreadable):
            await verify(agent(model(queries("a"), queries("b")), pages), ask(TOWER))


class Watch:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(("took_s", "correct", "asks"), [(50.0, False, 2), (80.0, False, 1), (50.0, True, 1)])
async def test_a_second_round_is_left_out_when_too_little_time_is_left(took_s: float, correct: bool, asks: int) -> None:
    watch = Watch()

    def answer(_: Ask) -> str:
        watch.now += took_s
        return queries(f"query at {watch.now}")

    writes = ScriptedLanguageModel(answer)
    question = replace(ask(TOWER), correct=correct)  # a correction takes about as long again
    news = await news_of(agent(writes, ScriptedSearch(), clock=watch, verify_timeout_s=100), question)
    assert len(writes.asked) == asks
    assert ("no time left to search once more for 1 undecided claim" in steps(news)) is (asks == 1)
    assert isinstance(news[-1], Verification)
    assert news[-1].verdict is Verdict.NOT_ENOUGH_EVIDENCE


async def test_time_for_the_claims_still_to_come_is_no_time_for_a_second_round() -> None:
    watch = Watch()
    asks: list[int] = []

    def answer(ask: Ask) -> str:
        watch.now += 20.0
        claims = json.loads(ask.turns[1].content)["claims"]
        asks.append(len(claims))
        return queries(*(f"query {watch.now} {number}" for number in claims))

    claims = [f"Tower number {n} is tall." for n in range(3 * CLAIMS_PER_RUN)]
    by = agent(ScriptedLanguageModel(answer), ScriptedSearch(), clock=watch, verify_timeout_s=100)
    verification = await verify(by, ask(*claims))
    # Three runs of 20 s leave 40 s of 100: enough for one second round, and not for another.
    assert asks == [CLAIMS_PER_RUN] * 4
    assert len(verification.claims) == 3 * CLAIMS_PER_RUN


async def test_a_second_round_that_hangs_does_not_cost_the_verdicts_of_the_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loop, limit_s = asyncio.get_running_loop(), 1_000.0
    now = loop.time

    class HangsLater(PlainWordsJudge):
        async def judge(self, exchange: Exchange, claims: Sequence[ClaimInQuestion]) -> AsyncIterator[Judgement]:
            if self.runs:
                monkeypatch.setattr(loop, "time", lambda: now() + SECOND_ROUND_SHARE * limit_s)
                await asyncio.Event().wait()
            async for judgement in super().judge(exchange, claims):
                yield judgement

    by = agent(model(queries("a"), queries("b")), ScriptedSearch(), judge=HangsLater(KNOWN), verify_timeout_s=limit_s)
    assert (await verify(by, ask(TOWER))).claims[0].judgement == KNOWN


async def test_the_whole_still_has_its_time_limit() -> None:
    class Hung(ScriptedSearch):
        async def retrieve(self, query: str, passages_max: int) -> list[Passage]:
            await asyncio.Event().wait()
            return []

    by = agent(model(queries("a"), queries("a")), Hung(), verify_timeout_s=0.05)
    for _ in range(2):  # the only slot is free again
        with pytest.raises(DeadlineExceeded, match="TOUCHSTONE_VERIFY_TIMEOUT_S"):
            await verify(by, ask(TOWER))


async def test_whoever_stops_listening_at_any_of_the_news_closes_the_judge_and_frees_the_slot() -> None:
    answers = [queries("a", "b"), queries("c", "d")]
    total = len(await news_of(agent(model(*answers), ScriptedSearch()), ask(TOWER, RIVER)))
    for number in range(1, total + 1):
        judge = PlainWordsJudge()
        by = agent(model(*answers, *answers), ScriptedSearch(), judge=judge)
        news = by.stream(ask(TOWER, RIVER), REST_FIELDS)
        for _ in range(number):
            await anext(news)
        await news.aclose()
        assert judge.closed == len(judge.runs)
        left = by.stream(ask(TOWER), REST_FIELDS)
        assert isinstance(await anext(left), ClaimsFound)
        await left.aclose()


async def test_a_plain_judge_is_closed_too_when_nobody_listens_any_more() -> None:
    judge = PlainWordsJudge()
    news = agent(model(), ScriptedSearch(), judge=judge).stream(ask(TOWER, RIVER, document="It says so."), REST_FIELDS)
    async for item in news:
        if isinstance(item, ClaimJudged):
            break
    await news.aclose()
    assert judge.closed == len(judge.runs) == 1


async def test_with_a_document_nothing_is_written_or_searched_and_the_judge_knows() -> None:
    judge, pages, writes = PlainWordsJudge(), ScriptedSearch(), model()
    news = await news_of(agent(writes, pages, judge=judge), ask(TOWER, document="It says so. Secret."))
    assert [type(item) for item in news] == [ClaimsFound, ClaimJudged, Verification]
    assert (writes.asked, pages.asked) == ([], [])
    assert [exchange.document_only for exchange in judge.exchanges] == [True]


async def test_without_a_document_the_judge_knows_that_more_counts() -> None:
    judge = PlainWordsJudge()
    await verify(agent(model(queries("a")), ScriptedSearch({"a": [page("says so")]}), judge=judge), ask(TOWER))
    assert [exchange.document_only for exchange in judge.exchanges] == [False]


async def test_without_any_source_to_search_nothing_is_written() -> None:
    writes = model()
    verification = await verify(agent(writes), ask(TOWER, material="It says so."))
    assert (verification.verdict, writes.asked) == (Verdict.SUPPORTED, [])


async def test_a_claim_that_the_judge_restated_is_shown_so_in_its_old_place() -> None:
    restated = Judgement(Label.REFUTED, 0.1, "Read.", statement="The Eiffel Tower is in Rome.")
    writes = model(queries("a"))
    question = Question("Where is the tower?", "Well, Rome is where that tower stands.")
    verification = await verify(agent(writes, ScriptedSearch(), judge=PlainWordsJudge(restated)), question)
    (item,) = verification.claims
    assert item.claim.text == "The Eiffel Tower is in Rome."
    assert question.response[item.claim.span.start : item.claim.span.end].endswith("Rome is where that tower stands.")
