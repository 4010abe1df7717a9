"""What an answer in bytes says of its tokens is what its JSON says, wherever that is and whatever the texts hold."""

from itertools import pairwise
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.usage.token_usage import NO_USAGE, TokenUsage
from server.answers.line_tokens import PLACES_MAX, tokens_of, tokens_told
from server.answers.stream_usage import StreamUsage, asking_for_usage

TOLD = {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}
TOKENS = TokenUsage(input=3, output=4)

NAMES = st.sampled_from(["usage", 'a"usage', "\\", 'usage"', "x"])
USAGES = st.fixed_dictionaries({"prompt_tokens": st.integers(0, 9), "completion_tokens": st.integers(0, 9)})
VALUES = st.recursive(
    st.sampled_from(["usage", '"usage":{"prompt_tokens":9}', '\\"usage":', "}", '"}']) | st.integers(0, 9) | USAGES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=12,
)


@given(answer=st.dictionaries(NAMES, VALUES, max_size=5), indented=st.booleans())
def test_the_tokens_of_an_answer_are_found_without_reading_it_whole(answer: dict[str, Any], indented: bool) -> None:
    content = orjson.dumps(answer, option=orjson.OPT_INDENT_2 if indented else 0)
    assert tokens_told(content) == tokens_of(answer)


@pytest.mark.parametrize(
    "content",
    [
        b'{"usage":%s,"choices":[{"message":{"content":"\\"usage\\":{"}}]}',
        b'{"choices":[{"usage":{"prompt_tokens":9}}],"usage" : %s\n, "timings":{"x":1}}\n',
        b'{"usage":%s' + b',"x":[{"usage":1}]' * (2 * PLACES_MAX) + b"}",
    ],
)
def test_tokens_may_stand_anywhere_in_an_answer(content: bytes) -> None:
    assert tokens_told(content % orjson.dumps(TOLD)) == TOKENS


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"usage"', b'{"usage":null}', b'{"a":"usage"}', b'["usage"]'])
def test_what_tells_no_tokens_tells_none(content: bytes) -> None:
    assert tokens_told(content) == NO_USAGE


def chunk(**fields: Any) -> bytes:
    return b"data: " + orjson.dumps(fields) + b"\n\n"


SAYS = chunk(choices=[{"delta": {"content": 'one "usage": two'}}])
LAST = chunk(choices=[], usage=TOLD)
DONE = b"data: [DONE]\n\n"


@pytest.mark.parametrize("ending", [b"\n\n", b"\r\n\r\n", b"\r\r"])
@pytest.mark.parametrize("cuts", [(0, 1, 2, 3, 4), (0, 4), (0, 2, 4)])
def test_the_chunk_that_says_tokens_alone_is_taken_out_however_events_come(
    ending: bytes, cuts: tuple[int, ...]
) -> None:
    events = [event.replace(b"\n\n", ending) for event in (SAYS, SAYS, LAST, DONE)]
    heard = StreamUsage(hides=True)
    passed = [heard.passed(b"".join(events[a:b])) for a, b in pairwise(cuts)]
    assert b"".join(passed) == events[0] + events[1] + events[3]
    assert heard.tokens == TOKENS


def test_a_chunk_that_says_more_than_tokens_is_passed_on_and_the_last_word_counts() -> None:
    """Some engines tell with each piece how many it has been so far."""
    so_far = [chunk(choices=[{"delta": {}}], usage=TOLD | {"completion_tokens": count}) for count in (1, 2)]
    failed = chunk(choices=[], usage=TOLD, error={"message": "full"})
    heard = StreamUsage(hides=True)
    assert heard.passed(b"".join(so_far)) == b"".join(so_far)
    assert heard.tokens == TokenUsage(input=3, output=2)
    assert heard.passed(failed) == failed


def test_for_who_asked_nothing_is_taken_out() -> None:
    heard = StreamUsage(hides=False)
    assert heard.passed(SAYS + LAST + DONE) == SAYS + LAST + DONE
    assert heard.tokens == TOKENS


def test_of_a_stream_without_tokens_the_pieces_count_from_below() -> None:
    heard = StreamUsage(hides=True)
    heard.passed(b": a comment\n\n" + SAYS)
    assert heard.tokens == NO_USAGE
    heard.passed(SAYS + SAYS)
    assert heard.tokens == TokenUsage(output=2)


@pytest.mark.parametrize("options", ["yes", 1, [True]])
def test_options_that_are_none_go_to_the_engine_as_they_are(options: Any) -> None:
    value = {"model": "m", "stream": True, "stream_options": options}
    body = orjson.dumps(value)
    assert asking_for_usage(body, value) is body
