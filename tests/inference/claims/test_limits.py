"""Long and odd input: bounded pieces, nothing dropped, no exception."""

import pytest

from inference.claims.clauses import CLAIM_CHARS_MAX
from inference.claims.extract import extract_claims


def test_a_very_long_sentence_is_cut_into_bounded_claims_that_hold_all_of_it() -> None:
    response = "The list of things is " + "long and wide, with more of it " * 6_500
    claims = extract_claims("What is it?", response)
    assert all(claim.span.end - claim.span.start <= CLAIM_CHARS_MAX for claim in claims)
    said = "".join(response[claim.span.start : claim.span.end] for claim in claims)
    assert "".join(said.split()) == "".join(response.split())


def test_a_very_long_word_is_cut_into_bounded_claims() -> None:
    claims = extract_claims("What is it?", "a" * 200_000)
    assert sum(claim.span.end - claim.span.start for claim in claims) == 200_000
    assert all(claim.span.end - claim.span.start <= CLAIM_CHARS_MAX for claim in claims)


def test_ten_thousand_sentences_give_ten_thousand_claims() -> None:
    assert len(extract_claims("", "The tower is in Paris. " * 10_000)) == 10_000


@pytest.mark.parametrize(
    "unit",
    ["(", "[a](", '"', "**a", "```\n", "|-|\n", "and it is ", "yes, ", "no ", "the document ", ". ", "x 5. zz ", "\n",
     "> ", "<a", "I don't know, but ", "# ", "- ", "U.S. ", "“", "`", "_a", "_", "。", "\0"],
)  # fmt: skip
def test_hostile_repetition_is_read_to_its_end(unit: str) -> None:
    response = unit * (100_000 // len(unit))
    claims = extract_claims("Is earth flat?", response)
    assert all(claim.span.end - claim.span.start <= CLAIM_CHARS_MAX for claim in claims)


@pytest.mark.parametrize("unit", ["is ", "what is ", "in x, ", "tell me ", "a? ", "who ", "is it true that "])
def test_a_hostile_prompt_is_read_to_its_end(unit: str) -> None:
    assert len(extract_claims(unit * 100_000, "The earth is flat.")) == 1


@pytest.mark.parametrize(
    "response", ["The\0 earth is flat.", "الأرض مسطحة وكبيرة جدا.", "The earth is 😀 flat.", "\u202eThe earth is flat."]
)
def test_odd_characters_do_not_hide_a_claim(response: str) -> None:
    (claim,) = extract_claims("Tell me.", response)
    assert response[claim.span.start : claim.span.end] == response
    assert "\0" not in claim.text
