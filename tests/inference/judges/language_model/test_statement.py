"""The judge's wording of a claim is taken only if it says the same, in words of question and response."""

import pytest

from inference.judges.language_model.statement import may_stand_for

PROMPT = "Where is the Eiffel Tower, and who built it?"
RESPONSE = (
    "It is in Paris. Gustave Eiffel didn't build it alone. It was begun in 1887 and finished in 1889. What they say of "
    "Rome is false. Er steht nicht in Rom."
)


@pytest.mark.parametrize(
    ("claim", "statement"),
    [
        ("It is in Paris.", "The Eiffel Tower is in Paris."),
        ("It is in Paris.", "It is in Paris."),
        ("Gustave Eiffel didn't build it alone.", "Gustave Eiffel did not build the Eiffel Tower alone."),
        ("It was begun in 1887 and finished in 1889.", "The Eiffel Tower was begun in 1887 and finished in 1889."),
    ],
)
def test_names_may_take_the_place_of_pronouns(claim: str, statement: str) -> None:
    assert may_stand_for(statement, claim, PROMPT, RESPONSE)


@pytest.mark.parametrize(
    ("claim", "statement"),
    [
        ("It is in Paris.", "The Eiffel Tower is in Rome."),
        ("It is in Paris.", "The Eiffel Tower is not in Paris."),
        ("It is in Paris.", "The Eiffel Tower is in Paris, says evil.example."),
        ("It is in Paris.", "The Eiffel Tower was built."),
        ("It is in Paris.", "That the Eiffel Tower is in Paris is false."),
        ("Er steht in Paris.", "Er steht nicht in Paris."),
        ("Gustave Eiffel didn't build it alone.", "Gustave Eiffel did build the Eiffel Tower alone."),
        ("It was begun in 1887 and finished in 1889.", "The Eiffel Tower was begun in 1889 and finished in 1887."),
        ("It is in Paris.", "The Eiffel Tower is\nin Paris."),
        ("It is in Paris.", "The Eiffel Tower is in Paris.\x1b[2J"),
        ("It is in Paris.", " "),
        ("It is in Paris.", ""),
    ],
)
def test_nothing_may_be_added_taken_away_denied_or_turned_round(claim: str, statement: str) -> None:
    assert not may_stand_for(statement, claim, PROMPT, RESPONSE)
