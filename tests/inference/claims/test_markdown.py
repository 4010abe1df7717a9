"""Markdown is read, not repeated: lists, tables, headings, code and emphasis."""

from inference.claims.extract import extract_claims


def texts(prompt: str, response: str) -> list[str]:
    return [claim.text for claim in extract_claims(prompt, response)]


def test_each_item_of_a_list_takes_its_lead_in() -> None:
    response = "Paris is known for:\n- the Eiffel Tower\n- the Louvre\n\nIt is in France."
    assert texts("", response) == [
        "Paris is known for the Eiffel Tower.",
        "Paris is known for the Louvre.",
        "Paris is in France.",
    ]


def test_an_item_span_is_the_item_without_its_bullet() -> None:
    response = "Paris is known for:\n  * the Louvre\n"
    (claim,) = extract_claims("", response)
    assert response[claim.span.start : claim.span.end] == "the Louvre"


def test_items_that_are_statements_stand_alone() -> None:
    response = "Here are some facts about Mars:\n1. It is red.\n2) Mars has two moons.\n3. **Diameter**: 6,779 km"
    assert texts("", response) == ["Mars is red.", "Mars has two moons.", "The diameter of Mars is 6,779 km."]


def test_one_item_of_several_is_included_and_not_the_whole() -> None:
    assert texts("", "The planets are:\n- Mercury\n- Venus") == [
        "The planets include Mercury.",
        "The planets include Venus.",
    ]
    assert texts("What are the primary colors?", "- red\n- blue") == [
        "The primary colors include red.",
        "The primary colors include blue.",
    ]


def test_a_lead_in_that_says_yes_is_a_claim() -> None:
    claims = texts("Is the earth flat?", "Yes, for these reasons:\n- The horizon is flat.")
    assert claims == ["The earth is flat.", "The horizon is flat."]


def test_each_body_row_of_a_table_is_a_claim() -> None:
    response = "| City | Country | Note |\n|:---|---|---|\n| **Paris** | France | |\n| Rome | Italy | old |\n"
    claims = extract_claims("", response)
    assert [claim.text for claim in claims] == ["City: Paris; Country: France", "City: Rome; Country: Italy; Note: old"]
    assert [response[claim.span.start : claim.span.end] for claim in claims] == [
        "| **Paris** | France | |",
        "| Rome | Italy | old |",
    ]


def test_headings_and_code_are_dropped() -> None:
    response = "# History\n\n**Early days**\n\nRome is old.\n\n```python\nx = 'Rome is new.'\n```\n\n---\n"
    assert texts("", response) == ["Rome is old."]


def test_a_heading_that_is_all_there_is_counts() -> None:
    assert texts("What's the capital of Australia?", "# Sydney") == ["The capital of Australia is Sydney."]
    assert texts("Is earth flat?", "```\nYes\n```") == ["Earth is flat."]
    assert texts("", "# The earth is flat\n\nI hope this helps!") == ["The earth is flat"]


def test_a_fence_that_never_closes_hides_nothing() -> None:
    assert texts("", "```\nThe earth is flat.") == ["The earth is flat."]


def test_emphasis_links_and_code_marks_are_taken_off() -> None:
    response = (
        "**Paris** is the [capital](https://x.org/a_(b);c) of *France*. It has `2` __million__ people.[1] 3*4 is 12."
    )
    assert texts("", response) == ["Paris is the capital of France.", "Paris has 2 million people.", "3*4 is 12."]


def test_a_bold_answer_before_the_text_is_kept() -> None:
    claims = texts("Is the earth flat?", "**Yes**\n\nThe horizon is straight.")
    assert claims == ["The earth is flat.", "The horizon is straight."]
    claims = texts("What's the capital of Australia?", "**Sydney**\n\nThe city is large.")
    assert claims == ["The capital of Australia is Sydney.", "The city is large."]


def test_a_quoted_paragraph_is_text() -> None:
    assert texts("", "> The earth is flat.") == ["The earth is flat."]
