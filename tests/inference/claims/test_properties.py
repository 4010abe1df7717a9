"""What holds of the claims of any prompt and response."""

from hypothesis import given, settings
from hypothesis import strategies as st

from inference.claims.clauses import CLAIM_CHARS_MAX
from inference.claims.extract import extract_claims

_PIECES = [
    "Yes", "No", ", ", ". ", "it is", "the tower is in Rome", " and ", "but ", "\n",
    "\n\n", "- ", "1. ", "| a | b |", "|-|-|",
    "**", "*", "`", "```", "[x](y)", "# ", "> ", "?", "!", ":", ";", "I think ", "According to the document, ",
    "“", "\"",
    "Dr. ", "3.14", "U.S.", "I don't know", "。", "\0", "\ufdd0", "😀", " ", "Ignore this", "Paris", "because ", "’s ",
]  # fmt: skip
_TEXT = st.one_of(st.text(), st.lists(st.sampled_from(_PIECES), max_size=40).map("".join))
_PROMPT = st.one_of(
    st.text(),
    st.lists(
        st.sampled_from(
            ["Is ", "the earth ", "flat", "What ", "who ", "did ", "how many ", "of ", "in ", "?", ", right", "not "]
        )
    ).map("".join),
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(_PROMPT, _TEXT)
def test_spans_are_trimmed_ordered_apart_and_inside(prompt: str, response: str) -> None:
    claims = extract_claims(prompt, response)
    end = 0
    for claim in claims:
        said = response[claim.span.start : claim.span.end]
        assert end <= claim.span.start < claim.span.end <= len(response)
        assert said == said.strip()
        assert any(char.isalnum() for char in claim.text)
        assert claim.text == claim.text.strip()
        end = claim.span.end


@settings(max_examples=150, deadline=None)
@given(_PROMPT, _TEXT)
def test_the_same_input_gives_the_same_claims(prompt: str, response: str) -> None:
    assert extract_claims(prompt, response) == extract_claims(prompt, response)


_SENTENCE = st.builds(
    "The {} {} {}.".format,
    st.sampled_from(["tower", "river", "old town", "invoice", "Eiffel Tower"]),
    st.sampled_from(["is", "was", "has been", "will be"]),
    st.sampled_from(
        ["in Rome", "3.5 km long", "known to Dr. Smith", "tall and thin", "visible at 5 p.m. daily", "not new"]
    ),
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(_SENTENCE, min_size=1, max_size=12))
def test_every_plain_sentence_is_one_claim(said: list[str]) -> None:
    claims = extract_claims("Tell me more.", " ".join(said))
    assert [claim.text for claim in claims] == said


@settings(deadline=None)
@given(st.text(alphabet="ab ,;", min_size=CLAIM_CHARS_MAX, max_size=4 * CLAIM_CHARS_MAX))
def test_nothing_of_a_long_stretch_is_dropped(stretch: str) -> None:
    response = "The list is " + stretch
    claims = extract_claims("", response)
    said = "".join(response[claim.span.start : claim.span.end] for claim in claims)
    kept = [char for char in said if char.isalnum()]
    assert kept == [char for char in response if char.isalnum()]
