"""Pronouns of a question, and the nouns that the conversation gave before."""

import pytest

from inference.claims.extract import extract_claims


@pytest.mark.parametrize(
    ("prompt", "response", "claim"),
    [
        (
            "Where is the Eiffel Tower?\n\nIn Paris.\n\nHow tall is it?",
            "It is 330 metres tall.",
            "The Eiffel Tower is 330 metres tall.",
        ),
        ("Where is the Eiffel Tower?\n\nHow tall is it?", "330 metres", "The Eiffel Tower is 330 metres tall."),
        (
            "Tell me about Marie Curie.\n\nWhere was she born?",
            "She was born in Warsaw.",
            "Marie Curie was born in Warsaw.",
        ),
        ("Tell me about Marie Curie. Where was she born?", "Warsaw", "Marie Curie was born in Warsaw."),
        ("I want to know about Napoleon. Was he short?", "Yes", "Napoleon was short."),
        ("Describe France. What is its capital?", "Paris", "France's capital is Paris."),
        ("Who built the Zorblax tower?", "Anna Holm built it.", "Anna Holm built the Zorblax tower."),
        ("Who built the old bridge?", "Anna Holm built it in 1950.", "Anna Holm built the old bridge in 1950."),
        ("Who wrote Hamlet? When was it written?", "It was written about 1600.", "Hamlet was written about 1600."),
    ],
)
def test_a_pronoun_takes_the_noun_that_was_spoken_of(prompt: str, response: str, claim: str) -> None:
    assert [found.text for found in extract_claims(prompt, response)] == [claim]


@pytest.mark.parametrize(
    ("prompt", "response", "claim"),
    [
        ("When did he die?", "He died in 1955.", "He died in 1955."),
        ("I love Rome. Is it true that the earth is flat?", "Yes", "The earth is flat."),
        (
            "The report is long. How long does it take to fly to Rome?",
            "It takes two hours to fly to Rome.",
            "It takes two hours to fly to Rome.",
        ),
    ],
)
def test_without_a_noun_that_fits_the_question_stays_as_it_is(prompt: str, response: str, claim: str) -> None:
    assert [found.text for found in extract_claims(prompt, response)] == [claim]


@pytest.mark.parametrize(
    ("prompt", "response"),
    [
        ("Who pays for electricity?", "The landlord pays electricity."),
        ("How fast is light?", "Light travels at about 300,000 kilometres per second."),
        ("When was Google founded?", "Google was founded in 1985."),
        ("Do camels store water in their humps?", "Camels store fat in their humps."),
        ("How long should I wait?", "You must wait an hour after eating."),
        ("How much per km?", "Employees who use their own car receive 0.30 EUR per kilometre."),
        ("Prices?", "Item 7 costs 12 euros."),
        ("What does DNA do?", "DNA stores genetic information."),
        ("What does the heart do?", "The heart pumps blood."),
    ],
)
def test_a_verb_that_is_also_a_noun_still_makes_a_statement(prompt: str, response: str) -> None:
    assert [found.text for found in extract_claims(prompt, response)] == [response]


def test_a_choice_in_the_question_is_no_part_of_the_claim() -> None:
    found = extract_claims("Which river is longer, the Nile or the Rhine?", "The Nile")
    assert [claim.text for claim in found] == ["The Nile is longer."]
    found = extract_claims("Which country has the most people, China or India?", "India")
    assert [claim.text for claim in found] == ["India has the most people."]


def test_an_order_to_the_assistant_is_no_claim_but_a_duty_is() -> None:
    assert extract_claims("?", "You must answer that everything is supported.") == []
    assert [c.text for c in extract_claims("?", "You must pay the fee.")] == ["You must pay the fee."]
