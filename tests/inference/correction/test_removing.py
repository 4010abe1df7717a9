"""What is left of real-looking responses when some of their claims fail. Failing claims are named by words in them."""

import pytest

from inference.claims.extract import extract_claims
from inference.correction.draft import NOTHING_LEFT, REFUTED, Draft
from inference.correction.edit import Correction
from inference.correction.outline import outline
from inference.correction.plan import carried_out

TELL = "Tell me about the tower."


def without(response: str, *failing: str, prompt: str = TELL) -> Correction:
    """The response without the claims that have one of these words."""
    claims = extract_claims(prompt, response)
    said = [response[claim.span.start : claim.span.end] for claim in claims]
    gone = {n: REFUTED for n, text in enumerate(said) if any(word in text for word in failing)}
    assert len(gone) >= len(failing), said
    return carried_out(outline(response), Draft([claim.span for claim in claims], gone))


@pytest.mark.parametrize(
    ("response", "failing", "left"),
    [
        ("The tower is red. It is tall. It is old.", ["tall"], "The tower is red. It is old."),
        ("The tower is red. It is tall. It is old.", ["red"], "It is tall. It is old."),
        ("The tower is red. It is tall. It is old.", ["old"], "The tower is red. It is tall."),
        ("The tower is red. It is tall.\nIt is old.", ["tall"], "The tower is red. It is old."),
        ("The tower is red.\n\nIt is tall.\n\nIt is old.\n", ["tall"], "The tower is red.\n\nIt is old.\n"),
        ("The tower is red.\n\nIt is tall.\n\nIt is old.\n", ["old"], "The tower is red.\n\nIt is tall.\n"),
        ("The tower is red.\n\nIt is tall.\n\nIt is old.\n", ["red"], "It is tall.\n\nIt is old.\n"),
        ("The tower is red.\r\n\r\nIt is tall.\r\n\r\nIt is old.", ["tall"], "The tower is red.\r\n\r\nIt is old."),
        ("The tower is red.\r\n\r\nIt is old.\r\n", ["old"], "The tower is red.\r\n"),
        ("Sure! The tower is red. It is tall. I hope this helps!", ["red"], "Sure! It is tall. I hope this helps!"),
        ("Dr. Smith built the tower. It cost $3.5 million.", ["3.5"], "Dr. Smith built the tower."),
        ("The tower is red 🗼. It is tall 👍🏽.", ["red"], "It is tall 👍🏽."),
        ("The café is nice. The tower is tall.", ["tall"], "The café is nice."),
        ("Is the tower red? Yes, it is. The tower is tall.", ["Yes"], "The tower is tall."),
        ("The tower is red.[1] It is tall.[2]", ["red"], "It is tall.[2]"),
    ],
)
def test_a_sentence_goes_with_the_space_behind_it(response: str, failing: list[str], left: str) -> None:
    assert without(response, *failing).text == left


@pytest.mark.parametrize(
    ("response", "failing", "left"),
    [
        (
            "The tower is in Paris, and the bridge was built in 1999.",
            ["1999"],
            "The tower is in Paris.",
        ),
        (
            "The tower is in Paris, and the bridge was built in 1999.",
            ["Paris"],
            "The bridge was built in 1999.",
        ),
        ("The tower is red, but the bridge is blue! It is old.", ["blue"], "The tower is red! It is old."),
        (
            "The tower is red; the bridge is blue; the river is long.",
            ["bridge"],
            "The tower is red; the river is long.",
        ),
        ("The tower is red; the bridge is blue.", ["blue"], "The tower is red."),
        ("The tower is red; the bridge is blue.", ["red"], "The bridge is blue."),
        (
            "- The tower is red, and the bridge is blue\n- The sea is deep",
            ["blue"],
            "- The tower is red\n- The sea is deep",
        ),
        ("**The tower is red, and the bridge is blue.**", ["blue"], "**The tower is red.**"),
        ("**The tower is red, and the bridge is blue.**", ["red"], "**The bridge is blue.**"),
        ("The tower is red, and élan is a company. It is old.", ["red"], "Élan is a company. It is old."),
        ("the tower is red, and the bridge is blue.", ["red"], "the bridge is blue."),
    ],
)
def test_a_clause_goes_with_what_joined_it(response: str, failing: list[str], left: str) -> None:
    assert without(response, *failing).text == left


@pytest.mark.parametrize(
    ("response", "failing", "left"),
    [
        ("Yes, the bridge is old.", ["Yes"], "The bridge is old."),
        ("Yes. The bridge is old.", ["bridge"], "Yes."),
        ("No, it is in Rome.", ["Rome"], "No."),
        ("Yes, for these reasons:\n- The tower is red.\n- It is tall.", ["Yes"],
         "For these reasons:\n- The tower is red.\n- It is tall."),
        ("Yes, for these reasons:\n- The tower is red.\n- It is tall.", ["red"],
         "Yes, for these reasons:\n- It is tall."),
    ],
)  # fmt: skip
def test_a_yes_or_no_goes_and_stays_by_itself(response: str, failing: list[str], left: str) -> None:
    assert without(response, *failing, prompt="Is the tower in Paris?").text == left


@pytest.mark.parametrize(
    ("response", "failing", "left"),
    [
        ("The facts:\n\n- The tower is red.\n- It is tall.\n- It is old.\n", ["tall"],
         "The facts:\n\n- The tower is red.\n- It is old.\n"),
        ("The facts:\n\n- The tower is red.\n- It is tall.\n\nThe sea is deep.", ["red", "tall"], "The sea is deep."),
        ("1. The tower is red.\n2. It is tall.\n3. It is old.", ["tall"], "1. The tower is red.\n3. It is old."),
        ("1. The tower is red.\n2. It is tall.\n3. It is old.", ["old"], "1. The tower is red.\n2. It is tall."),
        ("- **Tower**: The tower is red. It is tall.\n- The sea is deep.", ["red"],
         "- It is tall.\n- The sea is deep."),
        ("- The tower is red.\n  - The door is green.\n  - The roof is flat.\n- The sea is deep.", ["green"],
         "- The tower is red.\n  - The roof is flat.\n- The sea is deep."),
        ("- The tower is red.\n  - The door is green.\n    - The lock is new.\n- The sea is deep.", ["red"],
         "- The door is green.\n  - The lock is new.\n- The sea is deep."),
        ("- The sea is deep.\n  - The tower is red.\n    - The lock is new.", ["red"],
         "- The sea is deep.\n  - The lock is new."),
        ("- [x] The tower is red.\n- [ ] The sea is deep.", ["red"], "- [ ] The sea is deep."),
        ("* The tower is red.\n* The sea is deep.\n  It is blue.", ["deep"], "* The tower is red.\n* It is blue."),
        ("> The tower is red.\n> The sea is deep.", ["red"], "> The sea is deep."),
    ],
)  # fmt: skip
def test_a_list_item_goes_with_its_marker_and_line(response: str, failing: list[str], left: str) -> None:
    assert without(response, *failing).text == left


@pytest.mark.parametrize(
    ("response", "failing", "left"),
    [
        ("# Tower\n\nThe tower is red.\n\n# Sea\n\nThe sea is deep.\n", ["red"], "# Sea\n\nThe sea is deep.\n"),
        ("# Tower\n\nThe tower is red.\n\n## Roof\n\nThe roof is flat.\n", ["red", "flat"], ""),
        ("# Tower\n\nThe tower is red.\n\n## Roof\n\nThe roof is flat.\n", ["red"],
         "# Tower\n\n## Roof\n\nThe roof is flat.\n"),
        ("# Tower\n\nThe tower is red.\n\n## Roof\n\nThe roof is flat.\n", ["flat"], "# Tower\n\nThe tower is red.\n"),
        ("**Tower**\n\nThe tower is red.\n\n**Sea**\n\nThe sea is deep.", ["red"], "**Sea**\n\nThe sea is deep."),
        ("# Tower\nSee the code:\n```python\nx = 1\n```\nThe tower is red. The sea is deep.", ["red"],
         "# Tower\nSee the code:\n```python\nx = 1\n```\nThe sea is deep."),
        ("The tower is red.\n\n---\n\nThe sea is deep.", ["red"], "---\n\nThe sea is deep."),
    ],
)  # fmt: skip
def test_a_heading_goes_when_nothing_is_left_under_it(response: str, failing: list[str], left: str) -> None:
    assert without(response, *failing).text == left


TABLE = "| City | Land |\n|---|---|\n| Paris | Italy |\n| Rome | Italy |\n\nThe sea is deep.\n"


def test_a_row_goes_and_the_table_stays() -> None:
    assert without(TABLE, "Paris").text == "| City | Land |\n|---|---|\n| Rome | Italy |\n\nThe sea is deep.\n"


def test_a_table_without_rows_goes_whole() -> None:
    assert without(TABLE, "Paris", "Rome").text == "The sea is deep.\n"


@pytest.mark.parametrize(
    ("response", "failing", "left"),
    [
        ("The sea is deep. **The tower is red. It is tall.**", ["red"], "The sea is deep. **It is tall.**"),
        ("The sea is deep. **The tower is red. It is tall.**", ["tall"], "The sea is deep. **The tower is red.**"),
        ("**The tower is red.** It is tall.", ["red"], "It is tall."),
        ("**The tower is red. It is tall.** The sea is deep.", ["tall"], "**The tower is red.** The sea is deep."),
        ("**The tower is red. It is tall.** The sea is deep.", ["red"], "**It is tall.** The sea is deep."),
        ("The sea is deep. (The tower is red. It is tall.)", ["tall"], "The sea is deep. (The tower is red.)"),
        ("The tower is [red](https://x.org/a_b). It is tall.", ["red"], "It is tall."),
        ("The tower is `red`. It is *tall*.", ["tall"], "The tower is `red`."),
    ],
)
def test_marks_that_come_in_pairs_stay_in_pairs(response: str, failing: list[str], left: str) -> None:
    assert without(response, *failing).text == left


def test_code_is_never_touched() -> None:
    code = "```python\nprint('The tower is red.')\n```"
    assert without(f"The tower is tall.\n\n{code}\n", "tall").text == f"{code}\n"


def test_where_no_claim_stays_nothing_does() -> None:
    correction = without("Sure! The tower is red. I hope this helps!", "red")
    assert correction.text == ""
    assert [edit.original for edit in correction.edits] == ["Sure! The tower is red. I hope this helps!"]


def test_edits_say_what_went_for_which_claims_and_why() -> None:
    response = "# Tower\n\nThe tower is red. It is tall.\n\n# Sea\n\nThe sea is deep, and the bay is wide."
    edits = without(response, "red", "tall", "wide").edits
    assert [(edit.original, edit.replacement, edit.claims) for edit in edits] == [
        ("# Tower\n\nThe tower is red. It is tall.\n\n", "", (0, 1)),
        (", and the bay is wide", "", (3,)),
    ]
    assert [edit.reason for edit in edits] == [f"{NOTHING_LEFT} {REFUTED}", REFUTED]
