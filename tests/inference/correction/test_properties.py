"""What holds of the correction of any response, whichever of its claims fail."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from inference.claims.extract import extract_claims
from inference.correction.draft import REFUTED, Draft
from inference.correction.edit import Correction, applied, moved, moved_back
from inference.correction.outline import outline
from inference.correction.plan import carried_out

_PIECES = [
    "Yes", "No", ", ", ". ", "it is", "the tower is in Rome", "The bridge was built in 1999", " and ", "but ", "\n",
    "\r\n", "\n\n", "- ", "  - ", "1. ", "| a | b |\n", "|-|-|\n", "**", "*", "`", "```\n", "[x](y)", "# ", "## ", "> ",
    "?", "!", ":", "; ", "I think ", "“", "”", "\"",
    "(", ")", "Dr. ", "3.14", "I don't know", "。", "\0", "\ufdd0", "😀",
    "e\u0301", " ", "Paris", "because ", "’s ", "The facts:\n\n", "Is it red? ", "<b>", "</b>", "---\n",
]  # fmt: skip
_TEXT = st.one_of(st.text(), st.lists(st.sampled_from(_PIECES), max_size=60).map("".join))
_PROMPT = st.sampled_from(["Is the earth flat?", "Where is the tower?", "Tell me about it.", ""])


def correct(prompt: str, response: str, failing: set[int]) -> tuple[Draft, Correction]:
    spans = [claim.span for claim in extract_claims(prompt, response)]
    gone = {number: REFUTED for number in range(len(spans)) if number in failing}
    draft = Draft(spans, gone)
    return draft, carried_out(outline(response), draft)


@settings(max_examples=400, deadline=None)
@given(_PROMPT, _TEXT, st.sets(st.integers(0, 12)))
def test_edits_are_sorted_apart_inside_and_give_the_text(prompt: str, response: str, failing: set[int]) -> None:
    _, correction = correct(prompt, response, failing)
    assert applied(response, correction.edits) == correction.text
    spans = [edit.span for edit in correction.edits]
    assert all(0 <= span.start < span.end <= len(response) for span in spans)
    assert all(one.end <= other.start for one, other in pairwise(spans))
    assert all(edit.reason for edit in correction.edits)


@settings(max_examples=400, deadline=None)
@given(_PROMPT, _TEXT, st.sets(st.integers(0, 12)))
def test_no_letter_of_a_failing_claim_stays(prompt: str, response: str, failing: set[int]) -> None:
    draft, correction = correct(prompt, response, failing)
    removed = {at for edit in correction.edits for at in range(edit.span.start, edit.span.end)}
    letters = {
        at
        for number in draft.gone
        for at in range(draft.claims[number].start, draft.claims[number].end)
        if response[at].isalnum()
    }
    assert letters <= removed


@settings(max_examples=400, deadline=None)
@given(_PROMPT, _TEXT, st.sets(st.integers(0, 12)))
def test_every_failing_claim_has_an_edit_and_no_other_claim_has(prompt: str, response: str, failing: set[int]) -> None:
    draft, correction = correct(prompt, response, failing)
    assert set(draft.gone) <= {number for edit in correction.edits for number in edit.claims} or not draft.gone
    if len(draft.gone) < len(draft.claims):
        assert {number for edit in correction.edits for number in edit.claims} <= set(draft.gone)


@settings(max_examples=200, deadline=None)
@given(_PROMPT, _TEXT)
def test_where_nothing_fails_the_text_is_the_response(prompt: str, response: str) -> None:
    _, correction = correct(prompt, response, set())
    assert correction == Correction(response, ())


@settings(max_examples=200, deadline=None)
@given(_PROMPT, _TEXT, st.sets(st.integers(0, 12)))
def test_places_outside_of_edits_are_found_again(prompt: str, response: str, failing: set[int]) -> None:
    _, correction = correct(prompt, response, failing)
    inside = {at for edit in correction.edits for at in range(edit.span.start, edit.span.end)}
    for at in set(range(len(response))) - inside:
        there = moved(correction.edits, at)
        assert correction.text[there] == response[at]
        assert moved_back(correction.edits, there) == at


@settings(max_examples=400, deadline=None)
@given(_PROMPT, _TEXT, st.sets(st.integers(0, 12)))
def test_a_claim_that_stays_loses_no_more_than_its_conjunction(prompt: str, response: str, failing: set[int]) -> None:
    draft, correction = correct(prompt, response, failing)
    removed = {at for edit in correction.edits for at in range(edit.span.start, edit.span.end)}
    for number, span in enumerate(draft.claims):
        if number not in draft.gone:
            lost = [response[at] for at in range(span.start, span.end) if at in removed and response[at].isalnum()]
            assert len(lost) <= len("and") + 1  # and the letter that got a capital
