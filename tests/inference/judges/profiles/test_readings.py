"""What the answers of the models mean: right, otherwise spelled, malformed, cut off, without probabilities."""

import pytest

from inference.errors import JudgeUnreadable
from inference.judges.language_model.asking import AnswerOutcome
from inference.judges.profiles.choice import profile_of
from inference.judges.profiles.profile import PromptProfile
from inference.testing.scripted_engine import ScriptedEngine
from inference.testing.scripted_reply import ScriptedReply, says
from inference.verdict import Judgement, Label, Tokens
from tests.inference.judges.profiles.profile_cases import judge_of, judgement

FAITHFUL = '{"REASONING": ["The DOCUMENT says so."], "SCORE": "PASS"}'
UNFAITHFUL = '{"REASONING": ["The DOCUMENT says nothing of it."], "SCORE": "FAIL"}'

TRIED = {
    "granite-guardian-3.2": [says("No"), says("Yes")],
    "granite-guardian-3.3": [says("<score> no </score>"), says("<score> yes </score>")],
    "granite-guardian-4.1": [says("<think>\n</think><score> no </score>"), says("<score> yes </score>")],
}
"""What a Granite Guardian says in its trial."""


def profile(name: str) -> PromptProfile:
    found = profile_of("judge", name)
    assert isinstance(found, PromptProfile)
    return found


async def judged(name: str, *answers: ScriptedReply) -> Judgement:
    return await judgement(judge_of(profile(name), ScriptedEngine([*TRIED.get(name, []), *answers])))


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("lynx", FAITHFUL),
        ("lynx", '{"REASONING": ["a", "b"], "SCORE": PASS}'),
        ("lynx", "{'REASONING': ['a'], 'SCORE': 'PASS'}"),
        ("lynx", '```json\n{"REASONING": ["a"], "SCORE": "PASS"}\n```'),
        ("lynx", '{"REASONING": ["it is "quoted" badly"], "SCORE": "PASS"'),
        ("minicheck", "Yes"),
        ("minicheck", " yes\n"),
        ("minicheck", "YES."),
        ("granite-guardian-3.2", "No"),
        ("granite-guardian-3.2", "No\n<confidence> High </confidence>"),
        ("granite-guardian-3.3", "<score> no </score>"),
        ("granite-guardian-3.3", "<think>It says so.</think>\n<score>No</score>"),
        ("granite-guardian-4.1", "<think>\n</think><score> no </score>"),
    ],
)
async def test_an_answer_that_says_faithful_supports_the_claim(name: str, answer: str) -> None:
    found = await judged(name, says(answer, logprobs=False))
    assert (found.label, found.score) == (Label.SUPPORTED, None)
    assert "no score" in found.reason
    assert found.evidence


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("lynx", UNFAITHFUL),
        ("minicheck", "No"),
        ("granite-guardian-3.2", "Yes"),
        ("granite-guardian-3.2", "Yes\n<confidence> Low </confidence>"),
        ("granite-guardian-3.3", "<score> yes </score>"),
        ("granite-guardian-4.1", "<think>\n</think><score> yes </score>"),
    ],
)
async def test_an_answer_that_says_not_faithful_is_not_enough_evidence_and_never_refuted(
    name: str, answer: str
) -> None:
    found = await judged(name, says(answer, logprobs=False))
    assert (found.label, found.score, found.evidence) == (Label.NOT_ENOUGH_EVIDENCE, None, ())
    assert "does not tell a claim that the evidence contradicts from one that it does not mention" in found.reason


MALFORMED = [
    ("lynx", '{"REASONING": ["a"]}'),
    ("lynx", '{"REASONING": ["a"], "SCORE": "MAYBE"}'),
    ("lynx", '{"REASONING": ["a"], "SCORE": "PASS"} {"SCORE": "FAIL"}'),
    ("lynx", '{"SCORE": "PASS", "REASONING": ["a"], "SCORE": "FAIL"}'),
    ("lynx", '{"REASONING": ["it ends with "SCORE": "PASS"'),
    ("lynx", "PASS"),
    ("lynx", "I cannot help with that."),
    ("lynx", '["SCORE", {"SCORE": "PASS"}]'),
    ("minicheck", "Maybe"),
    ("minicheck", "Yes and no"),
    ("minicheck", "Not really"),
    ("minicheck", ""),
    ("granite-guardian-3.2", "Nope"),
    ("granite-guardian-3.2", "No, it is fine. Yes."),
    ("granite-guardian-3.2", "<score> no </score>"),
    ("granite-guardian-3.3", "No"),
    ("granite-guardian-3.3", "<score> no </score><score> yes </score>"),
    ("granite-guardian-3.3", "<think>forever"),
    ("granite-guardian-4.1", "<score> perhaps </score>"),
]


@pytest.mark.parametrize(("name", "answer"), MALFORMED)
async def test_an_answer_that_says_neither_is_asked_for_twice_and_then_raised(name: str, answer: str) -> None:
    counted: list[AnswerOutcome] = []
    engine = ScriptedEngine([*TRIED.get(name, []), says(answer), says(answer)])
    with pytest.raises(JudgeUnreadable, match="asked twice"):
        await judgement(judge_of(profile(name), engine, counted.append))
    assert counted[-2:] == [AnswerOutcome.RETRIED, AnswerOutcome.UNREADABLE]


@pytest.mark.parametrize("name", ["lynx", "minicheck"])
async def test_an_answer_that_was_cut_off_is_not_read(name: str) -> None:
    cut = says('{"REASONING": ["a"], "SCORE": "PASS"' if name == "lynx" else "Yes, it", finish="length")
    with pytest.raises(JudgeUnreadable):
        await judged(name, cut, cut)


@pytest.mark.parametrize(
    ("name", "readable", "field"),
    [
        ("lynx", FAITHFUL, "response_format"),
        ("minicheck", "Yes", "structured_outputs"),
        ("granite-guardian-3.2", "No", "structured_outputs"),
        ("granite-guardian-3.3", "<score> no </score>", "structured_outputs"),
        ("granite-guardian-4.1", "<think>\n</think><score> no </score>", "structured_outputs"),
    ],
)
async def test_the_second_time_the_answer_is_bound_to_the_readable_ones(name: str, readable: str, field: str) -> None:
    counted: list[AnswerOutcome] = []
    engine = ScriptedEngine([*TRIED.get(name, []), says("Hm."), says(readable)])
    found = await judgement(judge_of(profile(name), engine, counted.append))
    assert found.label is Label.SUPPORTED
    first, second = engine.asked()[-2:]
    assert field not in first.body
    assert field in second.body
    assert first.messages == second.messages
    assert counted[-2:] == [AnswerOutcome.RETRIED, AnswerOutcome.READ]
    assert found.tokens.read == 200  # both asks count


async def test_a_choice_that_an_engine_may_be_bound_to_is_one_that_can_be_read() -> None:
    for name in TRIED:
        engine = ScriptedEngine([*TRIED[name], says("Hm."), says("Hm.")])
        with pytest.raises(JudgeUnreadable):
            await judgement(judge_of(profile(name), engine))
        choices = engine.asked()[-1].body["structured_outputs"]["choice"]
        found = {(await judged(name, says(choice, logprobs=False))).label for choice in choices}
        assert found == {Label.SUPPORTED, Label.NOT_ENOUGH_EVIDENCE}


async def test_lynx_gives_its_score_from_the_odds_of_pass_and_fail_after_its_reasoning() -> None:
    odds = {"PASS": 0.6, "FAIL": 0.15, " pass": 0.15, "maybe": 0.1}
    found = await judged("lynx", says(FAITHFUL, [('"', {'"': 1.0}), ("PASS", odds)]))
    assert found.score == pytest.approx(0.75 / 0.9)
    assert (found.label, found.tokens) == (Label.SUPPORTED, Tokens(100, found.tokens.written))


async def test_a_word_that_is_cut_into_tokens_counts_by_its_beginning() -> None:
    found = await judged("lynx", says(UNFAITHFUL, [("F", {"F": 0.5, "P": 0.25, "PA": 0.25}), ("AIL", {"AIL": 1.0})]))
    assert found.score == pytest.approx(0.5)


async def test_minicheck_gives_its_score_from_the_odds_of_yes_and_no_in_all_their_spellings() -> None:
    odds = {"Yes": 0.5, "yes": 0.1, " YES": 0.1, "No": 0.2, "NO": 0.05, "The": 0.05}
    found = await judged("minicheck", says("Yes", [("Yes", odds)]))
    assert (found.label, found.score) == (Label.SUPPORTED, pytest.approx(0.7 / 0.95))


async def test_the_odds_of_all_spellings_decide_and_not_the_likeliest_one() -> None:
    odds = {"No": 0.4, "Yes": 0.35, "yes": 0.25}
    found = await judged("minicheck", says("No", [("No", odds)]))
    assert (found.label, found.score) == (Label.SUPPORTED, pytest.approx(0.6))


@pytest.mark.parametrize("name", TRIED)
async def test_the_yes_of_granite_guardian_is_the_probability_of_no_support(name: str) -> None:
    text = {"granite-guardian-3.2": "Yes", "granite-guardian-3.3": "<score> yes </score>"}.get(name)
    text = text or "<think>\n</think><score> yes </score>"
    word = "Yes" if text == "Yes" else " yes"
    odds = {word: 0.9, word.replace("Y", "N").replace("y", "n").replace("es", "o"): 0.1}
    found = await judged(name, says(text, [(word, odds)]))
    assert (found.label, found.score) == (Label.NOT_ENOUGH_EVIDENCE, pytest.approx(0.1))


async def test_odds_that_know_neither_word_give_no_score() -> None:
    found = await judged("minicheck", says("Yes", [("Y", {"?": 1.0}), ("es", {"es": 1.0})]))
    assert (found.label, found.score) == (Label.SUPPORTED, None)
