"""The language-model judge, driven by a scripted engine: right, wrong, malformed, cut off, refused, hostile answers."""

import asyncio

import orjson
import pytest

from inference.errors import JudgeError, JudgeUnavailable, JudgeUnreadable
from inference.judges.judge import Exchange
from inference.judges.language_model.asking import ALTERNATIVES, AnswerOutcome
from inference.judges.language_model.case import Case
from inference.judges.language_model.schema import follow_up_tokens_max
from inference.prompts.prompt import load_prompt
from inference.testing.judge_answers import Said, answer_text, honest_judge, judges
from inference.testing.scripted_engine import (
    MODEL,
    TEMPLATE_TOKENS,
    Heard,
    Script,
    ScriptedEngine,
    model_object,
    tokens_in,
)
from inference.testing.scripted_reply import UNREACHABLE, ScriptedReply, refuses, says
from inference.verdict import Basis, Label, SourceKind, Tokens
from tests.inference.judges.language_model.cases import (
    IN_PARIS,
    IN_ROME,
    OPEN,
    PROMPT,
    REFUTED,
    RIVER,
    SUPPORTED,
    TOWER,
    Court,
    document,
    item,
    quotes_of,
)

IN_PARIS_QUOTE = ("p1", "The Eiffel Tower is in Paris.")
READ, RETRIED, UNREADABLE = AnswerOutcome.READ, AnswerOutcome.RETRIED, AnswerOutcome.UNREADABLE


async def test_a_claim_gets_label_score_and_verbatim_evidence() -> None:
    court = Court([judges(Said(SUPPORTED, [IN_PARIS_QUOTE], odds={SUPPORTED: 0.8, REFUTED: 0.15, OPEN: 0.05}))])
    judgement = await court.judgement(IN_PARIS)
    assert (judgement.label, judgement.score) == (Label.SUPPORTED, pytest.approx(0.8))
    assert quotes_of(judgement) == ["The Eiffel Tower is in Paris."]
    assert judgement.evidence[0].passage is TOWER
    assert judgement.basis is Basis.EVIDENCE
    assert court.outcomes == [READ]


async def test_the_likeliest_label_counts_and_not_the_one_that_was_written() -> None:
    court = Court([judges(Said(SUPPORTED, [IN_PARIS_QUOTE], odds={SUPPORTED: 0.2, REFUTED: 0.7, OPEN: 0.1}))])
    judgement = await court.judgement(IN_ROME)
    assert (judgement.label, judgement.score) == (Label.REFUTED, pytest.approx(0.2))
    assert judgement.evidence[0].label is Label.REFUTED


async def test_an_engine_that_tells_no_probabilities_gives_no_score_and_says_so() -> None:
    court = Court([judges(Said(SUPPORTED, [IN_PARIS_QUOTE]), logprobs=False)])
    judgement = await court.judgement(IN_PARIS)
    assert (judgement.label, judgement.score) == (Label.SUPPORTED, None)
    assert "no probabilities" in judgement.reason


async def test_several_claims_are_one_question_and_each_keeps_its_own_odds() -> None:
    said = [
        Said(SUPPORTED, [IN_PARIS_QUOTE], odds={SUPPORTED: 0.9, REFUTED: 0.1}),
        Said(REFUTED, [("p1", "It was finished in 1889.")], odds={SUPPORTED: 0.3, REFUTED: 0.7}),
        Said(OPEN, odds={SUPPORTED: 0.1, OPEN: 0.9}),
    ]
    court = Court([judges(*said)])
    found = await court.judgements(*(item(text, TOWER) for text in ("One.", "Two.", "Three.")))
    assert [judgement.label.value for judgement in found] == [SUPPORTED, REFUTED, OPEN]
    assert [judgement.score for judgement in found] == pytest.approx([0.9, 0.3, 0.1])
    assert court.asked() == 1


async def test_answers_in_another_order_are_put_into_that_of_the_claims() -> None:
    text = orjson.loads(answer_text(Said(SUPPORTED, [IN_PARIS_QUOTE]), Said(OPEN)))
    text["claims"].reverse()
    odds = [(OPEN, {OPEN: 0.7, SUPPORTED: 0.3}), (SUPPORTED, {SUPPORTED: 0.9, OPEN: 0.1})]
    court = Court([says(orjson.dumps(text).decode(), odds)])
    found = await court.judgements(item(IN_PARIS, TOWER), item("It is blue.", TOWER))
    assert [(judgement.label.value, judgement.score) for judgement in found] == [
        (SUPPORTED, pytest.approx(0.9)),
        (OPEN, pytest.approx(0.3)),
    ]


async def test_the_tokens_of_a_call_count_with_its_first_claim() -> None:
    court = Court(honest_judge)
    first, second = await court.judgements(item(IN_PARIS, TOWER), item(IN_ROME, TOWER))
    assert first.tokens.read > 0
    assert first.tokens.written > 0
    assert second.tokens == Tokens(0, 0)


async def test_what_is_asked_is_greedy_bound_to_a_schema_and_does_not_think_aloud() -> None:
    court = Court(honest_judge)
    await court.judgement(IN_PARIS)
    body = court.engine.asked()[0].body
    assert (body["temperature"], body["logprobs"], body["top_logprobs"]) == (0, True, ALTERNATIVES)
    assert body["chat_template_kwargs"] == {"enable_thinking": False}
    schema = body["response_format"]["json_schema"]["schema"]
    keys = list(schema["properties"]["claims"]["items"]["properties"])
    assert keys[0] == "claim"
    assert keys[-1] == "verdict"
    assert [turn["role"] for turn in body["messages"]] == ["system", "user"]
    assert next(iter(orjson.loads(body["messages"][1]["content"]))) == "passages"


async def test_provenance_names_kind_model_and_prompt() -> None:
    provenance = Court([]).judge.provenance
    assert (provenance.judge, provenance.model) == ("language-model", MODEL)
    assert provenance.prompt == load_prompt("judge").sha256


# Quotes


@pytest.mark.parametrize(
    "quote", ["“The Eiffel  Tower is\nin Paris”", "the wrong passage", "It was finished in 1889."], ids=repr
)
async def test_a_quote_is_shown_as_it_stands_in_the_passage(quote: str) -> None:
    named = "p2" if quote == "the wrong passage" else "p1"
    quote = "The Seine flows" if quote == "the wrong passage" else quote
    court = Court([judges(Said(SUPPORTED, [(named, quote)]))])
    judgement = await court.judgement(IN_PARIS)
    assert judgement.label is Label.SUPPORTED
    assert all(evidence.quote in evidence.passage.text for evidence in judgement.evidence)
    assert court.asked() == 1


async def test_a_quote_that_is_in_no_passage_is_dropped_and_its_claim_judged_again_alone() -> None:
    invented = "The Eiffel Tower stands in Rome since 1901."
    first = judges(Said(SUPPORTED, [IN_PARIS_QUOTE]), Said(SUPPORTED, [("p1", invented)]))
    court = Court([first, judges(Said(REFUTED, [IN_PARIS_QUOTE]))])
    kept, again = await court.judgements(item(IN_PARIS, TOWER, RIVER), item(IN_ROME, TOWER, RIVER))
    assert (kept.label, again.label) == (Label.SUPPORTED, Label.REFUTED)
    asked = orjson.loads(court.engine.asked()[1].messages[1]["content"])
    assert [claim["text"] for claim in asked["claims"]] == [IN_ROME]
    assert asked["quotes_not_found"] == [{"claim": 1, "quotes": [invented]}]
    assert len(asked["passages"]) == 2
    assert kept.tokens.read == 200  # both calls of 100


async def test_a_verdict_that_can_quote_nothing_stays_open_without_a_score() -> None:
    empty = judges(Said(SUPPORTED, [("p1", "The tower is famously Parisian.")]))
    court = Court([empty, empty])
    judgement = await court.judgement(IN_PARIS)
    assert (judgement.label, judgement.score, judgement.evidence) == (Label.NOT_ENOUGH_EVIDENCE, None, ())
    assert "could quote nothing" in judgement.reason
    assert "supported" in judgement.reason
    assert "Parisian" not in judgement.reason
    assert court.asked() == 2


async def test_a_quote_still_missing_the_second_time_is_no_third_question() -> None:
    mixed = judges(Said(SUPPORTED, [IN_PARIS_QUOTE, ("p2", "Invented words.")]))
    court = Court([mixed, mixed])
    judgement = await court.judgement(IN_PARIS)
    assert quotes_of(judgement) == ["The Eiffel Tower is in Paris."]
    assert court.asked() == 2


# Answers that are none

TWO_OF_ONE = answer_text(Said(OPEN), Said(OPEN))
WRONG = {
    "not JSON": says("I think that it is supported."),
    "nothing": says(""),
    "null": says(None),
    "a refusal": says(None, message={"refusal": "I cannot help with that."}),
    "half of it": says(answer_text(Said(SUPPORTED))[:-20]),
    "cut off": says(answer_text(Said(SUPPORTED)), finish="length"),
    "another shape": says('{"verdict": "supported"}'),
    "a list": says('[{"claim": 1, "verdict": "supported"}]'),
    "another word": says(answer_text(Said("probably"))),
    "a claim too many": says(TWO_OF_ONE),
    "a claim twice": says(TWO_OF_ONE.replace('"claim":2', '"claim":1')),
    "another claim": says(answer_text(Said(SUPPORTED)).replace('"claim":1', '"claim":7')),
    "no claims": says('{"claims": []}'),
}


@pytest.mark.parametrize("kind", WRONG)
async def test_an_answer_that_cannot_be_read_is_asked_for_again_with_the_fault(kind: str) -> None:
    court = Court([WRONG[kind], judges(Said(SUPPORTED, [IN_PARIS_QUOTE]))])
    judgement = await court.judgement(IN_PARIS)
    assert judgement.label is Label.SUPPORTED
    assert court.outcomes == [RETRIED, READ]
    told = orjson.loads(court.engine.asked()[1].messages[1]["content"])["unusable_answer"]
    assert told["reason"]


@pytest.mark.parametrize("kind", WRONG)
async def test_two_such_answers_are_an_error_and_never_a_verdict(kind: str) -> None:
    court = Court([WRONG[kind]] * 2)
    with pytest.raises(JudgeUnreadable, match="two answers"):
        await court.judgement(IN_PARIS)
    assert court.outcomes == [RETRIED, UNREADABLE]
    assert court.asked() == 2


async def test_json_in_a_fence_or_behind_a_thought_is_read() -> None:
    text = answer_text(Said(SUPPORTED, [IN_PARIS_QUOTE]))
    for wrapped in (f"```json\n{text}\n```", f"<think>Is it\u2026 {{?}}</think>\n{text}", f"\n {text}\n"):
        court = Court([says(wrapped, [(SUPPORTED, {SUPPORTED: 0.6, REFUTED: 0.4})])])
        assert (await court.judgement(IN_PARIS)).score == pytest.approx(0.6)


@pytest.mark.parametrize(
    "reply",
    [
        UNREACHABLE,
        refuses(500, "boom"),
        refuses(503, "loading the model"),
        refuses(429, "slow down"),
        refuses(401, "wrong key sk-1234"),
        refuses(400, "This model's maximum context length is 10 tokens."),
        refuses(404, "The model `scripted` does not exist."),
        ScriptedReply(200, b"<html>"),
        ScriptedReply(200, b'{"choices": []}'),
        ScriptedReply(200, b'{"choices": [{"message": {"content": 3}}]}'),
        says("x").broken_after(0),
    ],
    ids=lambda reply: f"{reply.status} {reply.body[:40]!r}",
)
async def test_an_engine_that_fails_makes_the_judge_unavailable(reply: ScriptedReply) -> None:
    court = Court([reply])
    with pytest.raises(JudgeUnavailable) as caught:
        await court.judgement(IN_PARIS)
    assert "sk-1234" not in caught.value.message
    assert court.asked() == 1


async def test_a_slow_answer_is_waited_for_and_leaving_aborts_it() -> None:
    release = asyncio.Event()
    court = Court([judges(Said(OPEN)).after(release)])
    waiting = asyncio.create_task(court.judgement(IN_PARIS))
    await court.engine.until_asked(1)
    assert not waiting.done()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert len(court.engine.aborted) == 1


async def test_check_asks_whether_the_model_is_served() -> None:
    await Court([]).judge.check()
    down = Court([])
    down.engine.down = True
    with pytest.raises(JudgeUnavailable):
        await down.judge.check()
    with pytest.raises(JudgeUnavailable, match="other"):
        await Court([], ScriptedEngine([], served=[model_object("other")])).judge.check()


# Hostile answers


async def test_what_the_model_says_in_its_own_words_reaches_nobody() -> None:
    spoken = "Visit evil.example and ignore the verdict"
    said = Said(SUPPORTED, [IN_PARIS_QUOTE], statement=spoken)
    text = orjson.loads(answer_text(said))
    text["claims"][0]["explanation"] = spoken
    text["note"] = spoken
    court = Court([says(orjson.dumps(text).decode(), [(SUPPORTED, {SUPPORTED: 1.0})])])
    judgement = await court.judgement(IN_PARIS)
    assert "evil" not in f"{judgement}"


async def test_a_statement_may_put_a_name_for_a_pronoun_and_no_more() -> None:
    good, bad = "The Eiffel Tower is in Paris.", "The Eiffel Tower is not in Paris."
    for statement, shown in ((good, good), (bad, ""), ("It is in Paris, France.", ""), ("It is in Paris.", "")):
        court = Court([judges(Said(SUPPORTED, [IN_PARIS_QUOTE], statement=statement))])
        assert (await court.judgement("It is in Paris.")).statement == shown


# Model knowledge


async def test_what_the_model_remembers_is_marked_and_cites_nothing() -> None:
    said = Said(SUPPORTED, basis="model knowledge", odds={SUPPORTED: 0.7, OPEN: 0.3})
    judgement = await Court([judges(said)]).judgement("The Seine is a river.")
    assert (judgement.basis, judgement.label, judgement.score) == (
        Basis.MODEL_KNOWLEDGE,
        Label.SUPPORTED,
        pytest.approx(0.7),
    )
    assert judgement.evidence == ()
    assert "remembers" in judgement.reason


async def test_a_reason_counts_what_was_read_and_no_passage_is_not_one() -> None:
    for passages, said in (
        ((), "no passage"),
        ((TOWER,), "The one passage"),
        ((TOWER, RIVER), "None of the 2 passages"),
    ):
        (judgement,) = await Court([judges(Said(OPEN))]).judgements(item("It is blue.", *passages))
        assert said in judgement.reason


async def test_beside_a_document_the_model_may_not_remember() -> None:
    said = judges(Said(SUPPORTED, basis="model knowledge"))
    court = Court([said, said])
    judgement = await court.judgement("The Seine is a river.", document("A green house."))
    assert (judgement.basis, judgement.label) == (Basis.EVIDENCE, Label.NOT_ENOUGH_EVIDENCE)
    body = court.engine.asked()[0].body
    items = body["response_format"]["json_schema"]["schema"]["properties"]["claims"]["items"]
    assert "basis" not in items["properties"]
    assert "model knowledge" not in body["messages"][0]["content"]


async def test_an_empty_document_leaves_claims_open_and_asks_nobody() -> None:
    court = Court([])
    (judgement,) = await court.judgements(item(IN_PARIS), document_only=True)
    assert (judgement.label, judgement.score) == (Label.NOT_ENOUGH_EVIDENCE, None)
    assert court.asked() == 0


# The budget


def court_with(context_tokens: int, script: Script = honest_judge) -> Court:
    return Court(script, ScriptedEngine(script, served=[model_object(max_model_len=context_tokens)]))


def long_passages(count: int) -> list[str]:
    return [f"Sentence {number} speaks of nothing in particular. " * 15 for number in range(count)]


async def test_passages_are_read_as_far_as_they_fit_and_the_best_of_each_claim_first() -> None:
    passages = [document(text, number) for number, text in enumerate(long_passages(40))]
    court = court_with(4096)
    await court.judgements(item("A b c.", *passages[:20]), item("D e f.", *passages[20:]))
    shown = orjson.loads(court.engine.asked()[0].messages[1]["content"])["passages"]
    texts = [passage["text"] for passage in shown]
    assert 2 <= len(texts) < 40
    first, second = (len([p for p in half if p.text in texts]) for half in (passages[:20], passages[20:]))
    assert first - second in (0, 1)
    assert texts == [p.text for p in passages if p.text in texts]  # in the order of the document, none cut
    body = court.engine.asked()[0].body
    counted = court.engine.asked("/tokenize")
    assert counted
    assert body["max_tokens"] < 4096


async def test_a_run_that_does_not_fit_is_judged_in_parts() -> None:
    passages = [document(text, number) for number, text in enumerate(long_passages(8))]
    court = court_with(3000)
    found = await court.judgements(*(item(f"Claim number {n}.", p) for n, p in enumerate(passages)))
    assert len(found) == 8
    assert court.asked() > 1
    judged = [c["text"] for a in court.engine.asked() for c in orjson.loads(a.messages[1]["content"])["claims"]]
    assert judged == [f"Claim number {n}." for n in range(8)]


async def test_a_run_of_any_length_is_judged_eight_claims_at_a_time() -> None:
    court = court_with(200_000)
    found = await court.judgements(*(item(f"Claim number {n} is in Paris.", TOWER) for n in range(20)))
    assert len(found) == 20
    judged = [orjson.loads(a.messages[1]["content"])["claims"] for a in court.engine.asked()]
    assert [len(claims) for claims in judged] == [8, 8, 4]
    assert [c["text"] for claims in judged for c in claims] == [f"Claim number {n} is in Paris." for n in range(20)]


async def test_a_question_that_leaves_a_claim_no_room_is_left_out() -> None:
    court = court_with(2048)
    before = "Some say so. " * 60
    (judgement,) = await court.judgements(
        item(IN_PARIS, TOWER, start=len(before)), prompt="Where is it? " * 160, response=before + IN_PARIS
    )
    assert judgement.label is Label.SUPPORTED
    shown = orjson.loads(court.engine.asked()[0].messages[1]["content"])
    assert shown["question"].strip() == "[…]"
    assert shown["response"].removeprefix(" […] ") == IN_PARIS


async def test_an_answer_of_any_garbage_leaves_room_to_ask_again() -> None:
    garbage = says("💥ß𝔘" * 300)
    passages = [document(text, number) for number, text in enumerate(long_passages(40))]
    court = court_with(4096, [garbage, judges(Said(OPEN))])
    await court.judgements(item("A b c.", *passages))
    first, second = (heard.messages[1]["content"] for heard in court.engine.asked())
    assert 0 < len(second.encode()) - len(first.encode()) <= follow_up_tokens_max(Case(Exchange("", ""), (item("A"),)))


async def test_claims_asked_about_again_fit_whatever_their_script() -> None:
    def invents(heard: Heard) -> ScriptedReply:
        shown = orjson.loads(heard.messages[1]["content"])
        claims = [Said(SUPPORTED, [("p1", "墨" * 200)]) if "塔" in c["text"] else Said(OPEN) for c in shown["claims"]]
        return judges(*claims)

    chinese = [item(f"塔在巴黎 {n}", document("塔在巴黎。水是蓝色的。" * 4, n)) for n in range(7)]
    english = item("The tower is tall.", *(document(text, 10 + n) for n, text in enumerate(long_passages(40))))
    court = court_with(8192, invents)
    await court.judgements(*chinese, english)
    again = [heard for heard in court.engine.asked() if "quotes_not_found" in heard.messages[1]["content"]]
    assert again
    for heard in court.engine.asked():
        read = sum(TEMPLATE_TOKENS + tokens_in(message["content"]) for message in heard.messages)
        assert read + heard.body["max_tokens"] <= 8192


async def test_a_claim_that_fits_with_no_passage_says_what_it_takes() -> None:
    court = court_with(1024)
    with pytest.raises(JudgeError, match="TOUCHSTONE_ENGINE_CONTEXT_TOKENS") as caught:
        await court.judgement("A very long claim. " * 200, TOWER)
    assert not isinstance(caught.value, JudgeUnavailable | JudgeUnreadable)
    assert court.asked() == 0


async def test_an_engine_without_a_tokenizer_is_counted_in_bytes_and_asked_once_for_one() -> None:
    engine = ScriptedEngine(honest_judge, counts_tokens=False)
    court = Court(honest_judge, engine)
    passages = [document(text, number) for number, text in enumerate(long_passages(40))]
    await court.judgements(item("A b c.", *passages))
    content = "".join(message["content"] for message in engine.asked()[0].messages)
    assert len(content.encode()) + engine.asked()[0].body["max_tokens"] <= 8192
    assert len(engine.asked("/tokenize")) == 1


async def test_a_long_response_is_shown_around_the_claims() -> None:
    court = Court(honest_judge)
    response = "x " * 5000 + IN_PARIS + " y" * 5000
    await court.judgements(item(IN_PARIS, TOWER, start=10_000), response=response, prompt=PROMPT + " z" * 9000)
    shown = orjson.loads(court.engine.asked()[0].messages[1]["content"])
    assert IN_PARIS in shown["response"]
    assert shown["question"].startswith(PROMPT)
    assert len(shown["response"]) + len(shown["question"]) < 4000
    assert "[…]" in shown["response"]


async def test_titles_and_kinds_of_sources_are_shown_as_data() -> None:
    court = Court(honest_judge)
    await court.judgement(IN_PARIS, TOWER)
    shown = orjson.loads(court.engine.asked()[0].messages[1]["content"])["passages"][0]
    assert shown == {"id": "p1", "source": SourceKind.CORPUS.value, "title": "Eiffel Tower", "text": TOWER.text}
