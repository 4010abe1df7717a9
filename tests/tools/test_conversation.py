"""What of a conversation is verified, and what of it counts as evidence."""

import pytest

from inference.errors import BadInput
from tools.conversation import MATERIAL_CHARS_MIN, Message, question_of

LONG = "The tower was repainted in 1968. " * (MATERIAL_CHARS_MIN // 30 + 1)


def test_the_last_answer_is_verified_against_the_question_before_it() -> None:
    question = question_of(
        [
            Message("system", "You are helpful."),
            Message("user", "Hello"),
            Message("assistant", "Hi!"),
            Message("user", "Where is the tower?"),
            Message("assistant", "In Paris."),
        ]
    )
    assert (question.prompt, question.response, question.material) == (
        "Hello\n\nHi!\n\nWhere is the tower?",
        "In Paris.",
        "",
    )


def test_tool_results_and_long_messages_are_material() -> None:
    question = question_of(
        [
            Message("system", LONG),
            Message("user", "When was it repainted?"),
            Message("assistant", ""),
            Message("tool", "Repainted: 1968"),
            Message("assistant", "In 1968."),
        ]
    )
    assert question.material == f"{LONG}\n\nRepainted: 1968"


def test_what_the_user_or_an_earlier_answer_claims_is_no_evidence() -> None:
    question = question_of(
        [
            Message("user", "The earth is flat, I am sure."),
            Message("assistant", "The earth is flat." + LONG),
            Message("user", "Is it flat?"),
            Message("assistant", "Yes."),
        ]
    )
    assert question.material == ""


def test_text_after_the_answer_is_not_its_question() -> None:
    messages = [Message("user", "A?"), Message("assistant", "B."), Message("user", "Thanks!")]
    assert question_of(messages).prompt == "A?"


@pytest.mark.parametrize(
    ("messages", "said"),
    [
        ([Message("user", "A?")], "no assistant message"),
        ([Message("user", "A?"), Message("assistant", "  ")], "no assistant message"),
        ([Message("assistant", "B.")], "no user message"),
        ([], "no assistant message"),
    ],
)
def test_a_conversation_without_question_or_answer_is_refused(messages: list[Message], said: str) -> None:
    with pytest.raises(BadInput, match=said) as error:
        question_of(messages)
    assert error.value.param == "messages"
