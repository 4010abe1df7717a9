"""Classifiers behind vLLM's pooling API. The shapes are those that vLLM 0.32 answered with on a CPU."""

from collections.abc import Callable, Sequence

import orjson
import pytest

from inference.errors import JudgeError, JudgeUnavailable, JudgeUnreadable
from inference.judges.judge import ClaimInQuestion, Judge
from inference.judges.profiles.names import CLASSIFIER
from inference.testing.scripted_engine import MODEL, Heard, ScriptedEngine
from inference.testing.scripted_reply import UNREACHABLE, ScriptedReply, refuses
from inference.verdict import Label
from tests.inference.judges.profiles.profile_cases import (
    CLAIM,
    asked,
    judgement,
    judgements,
    passage,
    trained_judge,
    web_passage,
)

NO_PATH = ScriptedReply(404, b'{"detail":"Not Found"}')
"""What vLLM answers where the model has no such API."""
NAMES = ("contradiction", "neutral", "entailment")

Probabilities = tuple[float, ...]


def score_reply(scores: Sequence[float]) -> ScriptedReply:
    data = [{"index": number, "object": "score", "score": score} for number, score in enumerate(scores)]
    return ScriptedReply(body=orjson.dumps({"id": "score-1", "object": "list", "model": MODEL, "data": data}))


def classify_reply(found: Sequence[Probabilities], names: Sequence[str | None] = NAMES) -> ScriptedReply:
    data = [
        {"index": number, "label": names[probs.index(max(probs))], "probs": list(probs), "num_classes": len(probs)}
        for number, probs in enumerate(found)
    ]
    return ScriptedReply(body=orjson.dumps({"id": "classify-1", "object": "list", "model": MODEL, "data": data}))


def is_trial(heard: Heard) -> bool:
    return "The library on Mill Street" in str(heard.body)


def one_label(of: Callable[[str, str], float]) -> ScriptedEngine:
    """A model of one label that knows what it should; a claim beside a premise gets what `of` says."""

    def answer(heard: Heard) -> ScriptedReply:
        assert heard.path == "/score"
        if is_trial(heard):
            return score_reply([0.98, 0.03, 0.1])
        pairs = zip(heard.body["text_1"], heard.body["text_2"], strict=True)
        return score_reply([of(premise, hypothesis) for premise, hypothesis in pairs])

    return ScriptedEngine(answer)


def three_labels(of: Callable[[str], Probabilities], names: Sequence[str | None] = NAMES) -> ScriptedEngine:
    """A model of three labels that knows what it should."""

    def answer(heard: Heard) -> ScriptedReply:
        if heard.path == "/score":
            return NO_PATH
        if is_trial(heard):
            return classify_reply([(0.01, 0.01, 0.98), (0.97, 0.02, 0.01), (0.05, 0.9, 0.05)], names)
        return classify_reply([of(text) for text in heard.body["input"]], names)

    return ScriptedEngine(answer)


def judge_over(engine: ScriptedEngine, model: str = MODEL) -> Judge:
    return trained_judge(model, CLASSIFIER, engine)


async def test_a_model_of_one_label_tells_how_well_a_passage_bears_the_claim_out() -> None:
    engine = one_label(lambda premise, _: 0.91 if "Paris" in premise else 0.2)
    passages = (web_passage("Rome is old.", 1, "Rome"), web_passage("The tower stands in Paris.", 2, "Paris"))
    found = await judgement(judge_over(engine), asked(CLAIM, *passages))
    assert (found.label, found.score) == (Label.SUPPORTED, 0.91)
    assert [(evidence.passage.id, evidence.quote) for evidence in found.evidence] == [
        ("w2", "The tower stands in Paris.")
    ]
    assert found.reason == (
        '"Paris" says "The tower stands in Paris"; the classifier finds the claim borne out by what it read.'
    )
    (body,) = [heard.body for heard in engine.asked("/score") if not is_trial(heard)]
    assert body == {
        "model": MODEL,
        "text_1": ["Rome\nRome is old.", "Paris\nThe tower stands in Paris."],
        "text_2": [CLAIM, CLAIM],
    }


async def test_what_a_model_of_one_label_does_not_bear_out_is_not_enough_evidence() -> None:
    found = await judgement(judge_over(one_label(lambda *_: 0.2)))
    assert (found.label, found.score, found.evidence) == (Label.NOT_ENOUGH_EVIDENCE, 0.2, ())
    assert "does not tell a claim that the evidence contradicts" in found.reason


async def test_a_model_of_three_labels_refutes_with_the_passage_that_contradicts() -> None:
    engine = three_labels(lambda text: (0.9, 0.07, 0.03) if "Rome" in text else (0.1, 0.8, 0.1))
    passages = (passage("The weather is fine.", 1), passage("The Eiffel Tower is in Rome.", 2, 100))
    found = await judgement(judge_over(engine), asked(CLAIM, *passages))
    assert (found.label, found.score) == (Label.REFUTED, 0.03)
    assert [(evidence.quote, evidence.label) for evidence in found.evidence] == [
        ("The Eiffel Tower is in Rome.", Label.REFUTED)
    ]
    assert "finds the claim contradicted" in found.reason


async def test_the_surest_passage_that_settles_decides() -> None:
    def of(text: str) -> Probabilities:
        return (0.7, 0.2, 0.1) if "Rome" in text else (0.05, 0.05, 0.9) if "Paris" in text else (0.0, 1.0, 0.0)

    passages = (passage("Nothing.", 1), passage("In Rome.", 2, 50), passage("In Paris.", 3, 100))
    found = await judgement(judge_over(three_labels(of)), asked(CLAIM, *passages))
    assert (found.label, found.score) == (Label.SUPPORTED, 0.9)


async def test_what_no_passage_settles_is_not_enough_evidence_with_the_best_probability() -> None:
    found = await judgement(judge_over(three_labels(lambda text: (0.1, 0.6, 0.3))))
    assert (found.label, found.score) == (Label.NOT_ENOUGH_EVIDENCE, 0.3)
    assert "does not tell" not in found.reason


async def test_two_texts_go_as_one_with_the_separator_of_the_tokenizer() -> None:
    engine = three_labels(lambda text: (0.1, 0.1, 0.8))
    await judgement(judge_over(engine))
    body = engine.asked("/classify")[-1].body
    assert body["input"] == [f"The Eiffel Tower stands in Paris. It was opened in 1889.</s></s>{CLAIM}"]


async def test_the_small_minichecks_part_their_texts_with_one_mark() -> None:
    engine = three_labels(lambda text: (0.1, 0.1, 0.8))
    engine.served = [{"id": "lytang/MiniCheck-RoBERTa-Large", "object": "model", "owned_by": "vllm"}]
    await judgement(judge_over(engine, "lytang/MiniCheck-RoBERTa-Large"))
    assert engine.asked("/classify")[-1].body["input"][0].count("</s>") == 1


async def test_text_under_test_cannot_part_itself() -> None:
    engine = three_labels(lambda text: (0.1, 0.8, 0.1))
    await judgement(judge_over(engine), asked(CLAIM + "</s>", passage("Rome.</s></s>The moon. [SEP] <s>")))
    (text,) = engine.asked("/classify")[-1].body["input"]
    assert text.count("</s>") == 2
    assert "[SEP]" not in text


async def test_two_labels_with_the_names_that_nobody_gave_are_read_as_minicheck_has_them() -> None:
    def answer(heard: Heard) -> ScriptedReply:
        names = ("LABEL_0", "LABEL_1")
        if heard.path == "/score":
            return NO_PATH
        if is_trial(heard):
            return classify_reply([(0.1, 0.9), (0.9, 0.1), (0.8, 0.2)], names)
        return classify_reply([(0.25, 0.75)], names)

    found = await judgement(judge_over(ScriptedEngine(answer)))
    assert (found.label, found.score) == (Label.SUPPORTED, 0.75)


@pytest.mark.parametrize("scores", [(0.9, 0.8, 0.7), (0.1, 0.1, 0.1), (0.2, 0.9, 0.1)])
async def test_a_model_that_fails_the_trial_judges_nothing(scores: tuple[float, ...]) -> None:
    engine = ScriptedEngine(lambda heard: score_reply(scores))
    with pytest.raises(JudgeUnavailable, match=r"did not pass its trial.*reranker"):
        await judgement(judge_over(engine))
    with pytest.raises(JudgeUnavailable, match="did not pass its trial"):
        await judge_over(engine).check()


async def test_the_trial_is_held_once_and_again_only_if_it_could_not_be_held() -> None:
    engine = one_label(lambda *_: 0.9)
    judge = judge_over(engine)
    answers, engine.script = engine.script, [UNREACHABLE]
    with pytest.raises(JudgeUnavailable):
        await judge.check()
    engine.script = answers
    await judge.check()
    await judge.check()
    await judgements(judge, asked(), asked())
    assert sum(is_trial(heard) for heard in engine.asked("/score")) == 2


@pytest.mark.parametrize("names", [("a", "b", "c"), (None, None, None)])
async def test_labels_whose_names_say_nothing_are_not_guessed_at(names: Sequence[str | None]) -> None:
    with pytest.raises(JudgeUnreadable, match="cannot be told"):
        await judgement(judge_over(three_labels(lambda text: (0.1, 0.1, 0.8), names)))


async def test_a_model_without_either_api_is_none_that_judges() -> None:
    with pytest.raises(JudgeUnavailable, match=r"neither /score nor /classify.*--runner pooling"):
        await judgement(judge_over(ScriptedEngine(lambda heard: NO_PATH)))


@pytest.mark.parametrize(
    "reply",
    [
        ScriptedReply(body=b"<html>"),
        ScriptedReply(body=b"[]"),
        ScriptedReply(body=b'{"data": []}'),
        ScriptedReply(body=b'{"data": [{"index": 1, "score": 0.5}]}'),
        ScriptedReply(body=b'{"data": [{"index": 0, "score": "high"}]}'),
        ScriptedReply(body=b'{"data": [{"index": 0, "score": null}]}'),
        ScriptedReply(body=b'{"data": [{"index": 0, "score": 7.25}]}'),
        ScriptedReply(body=b'{"data": [{"index": 0, "score": true}]}'),
        ScriptedReply(body=b'{"data": ["x"]}'),
        refuses(500, "broken"),
        refuses(400, "no"),
        UNREACHABLE,
    ],
)
async def test_an_answer_that_is_no_probability_for_each_pair_is_never_a_verdict(reply: ScriptedReply) -> None:
    engine = one_label(lambda *_: 0.9)
    judge = judge_over(engine)
    await judge.check()
    engine.script = lambda heard: reply
    with pytest.raises(JudgeUnavailable):
        await judgement(judge)


async def test_passages_that_do_not_fit_beside_the_claim_are_left_out_and_counted() -> None:
    engine = one_label(lambda *_: 0.9)
    passages = (passage("Short.", 1), passage("word " * 9000, 2, 100), passage("Also short.", 3, 90_000))
    found = await judgement(judge_over(engine), asked(CLAIM, *passages))
    assert engine.asked("/score")[-1].body["text_1"] == ["Short.", "Also short."]
    assert "It read 2 of 3 passages" in found.reason


async def test_a_best_passage_that_does_not_fit_is_an_error_with_the_numbers() -> None:
    with pytest.raises(JudgeError, match=r"take \d{4,} tokens, and scripted reads 8192 at once"):
        await judgement(judge_over(one_label(lambda *_: 0.9)), asked(CLAIM, passage("word " * 9000)))


async def test_without_passages_the_classifier_is_not_asked() -> None:
    engine = ScriptedEngine([])
    found = await judgement(judge_over(engine), ClaimInQuestion(asked().claim, ()))
    assert (found.label, found.score) == (Label.NOT_ENOUGH_EVIDENCE, None)
    assert engine.heard == []


async def test_a_verdict_of_a_classifier_names_no_prompt() -> None:
    provenance = judge_over(ScriptedEngine([])).provenance
    assert (provenance.judge, provenance.model, provenance.prompt) == ("classifier", MODEL, "")
