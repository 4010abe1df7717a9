"""What a prompt lends to a claim: a question its words, an order or a remark nothing."""

import pytest

from inference.claims.extract import extract_claims

_ORDERS = [
    "State a fact.", "Summarize the document.", "Write a summary of the article.", "Answer based on the context",
    "Verify the claim", "Is this supported by the context?", "Check the following statement", "Tell me about whales.",
    "Explain how glaciers move.", "Is the following true?", "Does the document support this claim?",
    "Can you summarize this document for me?", "Our bakery opens at six on market days.",
]  # fmt: skip


def texts(prompt: str, response: str) -> list[str]:
    return [claim.text for claim in extract_claims(prompt, response)]


@pytest.mark.parametrize("prompt", _ORDERS)
@pytest.mark.parametrize(
    "response",
    [
        "Early frost across the northern orchards",
        "A while later, three boats entered the same harbour.",
        "Gulls zorble the quay at noon.",
        "Mapping groundwater with low-cost sensors",
    ],
)
def test_an_order_or_a_remark_is_no_part_of_a_claim(prompt: str, response: str) -> None:
    assert texts(prompt, response) == [response]


@pytest.mark.parametrize("prompt", _ORDERS[:7])
@pytest.mark.parametrize("response", ["He painted it in 1930.", "It is speckled.", "They moved to Oslo."])
def test_a_pronoun_never_means_the_text_that_was_given(prompt: str, response: str) -> None:
    assert texts(prompt, response) == [response]


def test_a_pronoun_never_means_somebody_of_the_one_who_asks() -> None:
    assert texts("My sister plays chess. Is my sister good?", "It can last for hours.") == ["It can last for hours."]
    assert texts("Yeah, I saw that boat.", "It is made of oak.") == ["It is made of oak."]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("My aunt sells honey.", "It is sweet."),
        ("The bridge is closed.", "He is angry."),
        ("the parish of odda was poor .", "he left it early ."),
        ("lena holt sings .", "it is her third album ."),
        ("The article is long.", "It ends badly."),
    ],
)
def test_a_pronoun_that_does_not_fit_the_noun_before_it_is_left(first: str, second: str) -> None:
    assert texts("", f"{first} {second}") == [first, second]


def test_a_remark_before_the_question_is_no_part_of_the_answer() -> None:
    assert texts("That is nice, does the ferry run daily?", "Yes.") == ["The ferry runs daily."]


def test_a_yes_to_a_remark_leaves_the_statement_that_follows() -> None:
    assert texts("The ferry is slow.", "Yes, the ferry takes two hours.") == ["The ferry takes two hours."]
    assert texts("The ferry is slow.", "Yes.") == ["The ferry is slow."]


def test_the_statement_beside_the_question_whether_it_holds_is_what_a_yes_affirms() -> None:
    assert texts("Is the following statement true? The ferry is slow.", "Yes") == ["The ferry is slow."]
    assert texts("The ferry is slow. Is the statement accurate?", "No") == ["The ferry is not slow."]
    assert texts("Is the claim supported by the text?", "Yes") == []


def test_a_question_that_the_response_asks_itself_is_answered_by_its_next_sentence() -> None:
    assert texts("State a fact.", "Can ferries sail in ice? No.") == ["Ferries cannot sail in ice."]
    assert texts("State a fact.", "Is the harbour deep? Yes, it is.") == ["The harbour is deep."]


def test_a_long_phrase_stands_without_the_question() -> None:
    phrase = "a narrow strip of sand between the old harbour and the marsh, bare at low water, without a road or a path"
    assert texts("What zorbles so brightly there?", phrase) == [phrase]
