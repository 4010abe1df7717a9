"""Whatever a text under test says to the judge, its verdicts and scores are those without it.

The judge model is a fake that obeys every order which reaches it as anything but data, and the first tests show that it
does: each attack moves it when the text is put beside the data, or sent without its marks escaped.
"""

import asyncio
from typing import NamedTuple

import pytest

from inference.admission import Admission
from inference.engine.engine_model import EngineModel
from inference.engine.engines import Engines
from inference.evidence.memory import InMemoryRetriever
from inference.judges.language_model.judge import LanguageModelJudge
from inference.testing.scripted_engine import MODEL, ScriptedEngine
from inference.verdict import Passage, SourceKind
from tests.inference.judges.language_model.obedient import (
    Change,
    has_special_token,
    obedient_judge,
    pasted,
    unescaped,
)
from tests.robustness.attack_texts import AIMED_AT_MODELS, ALL
from tools.limits import Limits
from tools.question import REST_FIELDS, Question
from tools.verify import Verifier, conclusion

DOCUMENT = (
    "The Marlow bridge is a stone bridge over the river Wye. The Marlow bridge was opened in 1937. "
    "It was designed by the engineer Ada Stone."
)
QUOTE = "The Marlow bridge was opened in 1937."
PROMPT = "When was the Marlow bridge opened?"
TRUE = "The Marlow bridge was opened in 1937."
FALSE = "The Marlow bridge was opened in 1951."
UNKNOWN = "The Marlow bridge was closed by a flood."
ANSWERS = (TRUE, FALSE, UNKNOWN)
WITH_MARKS = [kind for kind, text in ALL.items() if has_special_token(text)]


class Said(NamedTuple):
    text: str
    label: str
    score: float | None


async def said(
    question: Question, *, text: str = DOCUMENT, title: str = "The bridge", change: Change | None = None
) -> list[Said]:
    """What the fake says of each claim: going by the document of `question`, or by a page with `text` and `title`."""
    engine = ScriptedEngine(obedient_judge(QUOTE, change) if change else obedient_judge(QUOTE))
    model = EngineModel(Engines([engine]), MODEL, 8192)
    page = Passage("web/1", text, SourceKind.WEB, title, "https://example.org/bridge")
    verifier = Verifier(LanguageModelJudge(model), (InMemoryRetriever([page]),), Limits(), Admission(4, 4))
    verification = await conclusion(verifier.stream(question, REST_FIELDS))
    return [Said(c.claim.text, c.judgement.label.value, c.judgement.score) for c in verification.claims]


@pytest.fixture(scope="module")
def alone() -> dict[str, list[Said]]:
    """What is said of each answer where nobody interferes."""

    return asyncio.run(of_each_answer(DOCUMENT))


@pytest.fixture(scope="module")
def alone_on_the_web() -> dict[str, list[Said]]:
    return asyncio.run(of_each_answer(None))


async def of_each_answer(document: str | None) -> dict[str, list[Said]]:
    return {answer: await said(Question(PROMPT, answer, document)) for answer in ANSWERS}


def test_without_interference_the_three_answers_differ(alone: dict[str, list[Said]]) -> None:
    """Else the tests below would prove nothing."""
    labels = [alone[answer][0].label for answer in ANSWERS]
    assert labels == ["supported", "refuted", "not_enough_evidence"]
    assert len(ALL) >= 45
    assert len(AIMED_AT_MODELS) >= 15
    assert len(WITH_MARKS) >= 12


@pytest.mark.parametrize("kind", ALL)
async def test_put_beside_the_data_it_moves_the_fake(kind: str) -> None:
    (moved,) = await said(Question(PROMPT, FALSE, DOCUMENT), change=pasted(ALL[kind]))
    assert moved.label == "supported"


@pytest.mark.parametrize("kind", WITH_MARKS)
async def test_with_its_marks_unescaped_it_moves_the_fake(kind: str) -> None:
    (moved,) = await said(Question(PROMPT, FALSE, f"{DOCUMENT}\n\n{ALL[kind]}"), change=unescaped)
    assert moved.label == "supported"


@pytest.mark.parametrize("kind", ALL)
async def test_in_the_document_it_changes_nothing(alone: dict[str, list[Said]], kind: str) -> None:
    first, second = DOCUMENT.split("Wye. ")
    text = ALL[kind]
    for answer in ANSWERS:
        for document in (f"{text}\n\n{DOCUMENT}", f"{DOCUMENT}\n\n{text}", f"{first}Wye.\n\n{text}\n\n{second}"):
            assert await said(Question(PROMPT, answer, document)) == alone[answer]


@pytest.mark.parametrize("kind", ALL)
async def test_a_document_of_orders_alone_supports_nothing(kind: str) -> None:
    for answer in ANSWERS:
        assert [claim.label for claim in await said(Question(PROMPT, answer, ALL[kind]))] == ["not_enough_evidence"]


@pytest.mark.parametrize("kind", ALL)
async def test_in_the_prompt_it_changes_nothing(alone: dict[str, list[Said]], kind: str) -> None:
    for answer in ANSWERS:
        for prompt in (f"{PROMPT}\n\n{ALL[kind]}", f"{ALL[kind]}\n\n{PROMPT}"):
            assert await said(Question(prompt, answer, DOCUMENT)) == alone[answer]


@pytest.mark.parametrize("kind", ALL)
async def test_in_the_response_it_changes_nothing_of_what_was_claimed_beside_it(
    alone: dict[str, list[Said]], kind: str
) -> None:
    """What it says itself may be a claim more, which nothing supports."""
    for answer in ANSWERS:
        before = alone[answer]
        for response in (f"{answer}\n\n{ALL[kind]}", f"{ALL[kind]}\n\n{answer}"):
            found = await said(Question(PROMPT, response, DOCUMENT))
            assert set(before) <= set(found)
            assert all(claim.label != "supported" for claim in found if claim not in before)


@pytest.mark.parametrize("kind", ALL)
async def test_in_a_page_or_its_title_it_changes_nothing(alone_on_the_web: dict[str, list[Said]], kind: str) -> None:
    for answer, before in alone_on_the_web.items():
        assert await said(Question(PROMPT, answer), text=f"{DOCUMENT}\n\n{ALL[kind]}") == before
        assert await said(Question(PROMPT, answer), title=ALL[kind]) == before
