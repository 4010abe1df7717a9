"""The JSON object that an answer consists of, out of a thought and a fence."""

import pytest

from inference.engine.json_alone import json_alone

OBJECT = '{"a": "</think>```{"}'


def found_in(text: str) -> str | None:
    span = json_alone(text)
    return None if span is None else text[span.start : span.end]


@pytest.mark.parametrize(
    "around",
    [
        "%s",
        " \n%s\n ",
        "```json\n%s\n```",
        "```\n%s```",
        "<think>Is it {?} or [?]</think>\n%s",
        "Let me see, {it} may be.\n</think>\n\n%s",
        "<think>\n```json\n{}\n```\n</think>\n```json\n%s\n```",
    ],
)
def test_a_thought_and_a_fence_are_taken_off(around: str) -> None:
    assert found_in(around.replace("%s", OBJECT)) == OBJECT


@pytest.mark.parametrize(
    "text",
    ["", " ", "{", "}", "```", "Sure: {}", "{} Done.", "[{}]", "<think>{}", "```json", "<think></think>", "null"],
)
def test_anything_else_is_no_json(text: str) -> None:
    assert found_in(text) is None


def test_an_answer_made_to_be_slow_to_read_is_read() -> None:
    assert found_in("<think>" + "</think>{" * 200_000) is None
