"""A yes or no takes its claim from the question."""

import pytest

from inference.claims.extract import extract_claims


def texts(prompt: str, response: str) -> list[str]:
    return [claim.text for claim in extract_claims(prompt, response)]


@pytest.mark.parametrize(
    "answer",
    [
        "Yes, my friend", "Yes, 100%.", "Absolutely.", "Correct.", "yes", "YES!", "Yep", "Of course.", "That's right.",
        "It is.", "Yes, it is.", "I think so.", "The answer is yes.", "**Yes**", '"Yes."', "Sure!",
        "Well, yes.", "Yes, absolutely, it is.", "Definitely", "True", "👍", "- Yes", "Yes, John.", "Affirmative.",
    ],
)  # fmt: skip
def test_a_yes_states_what_was_asked(answer: str) -> None:
    assert texts("Is earth flat?", answer) == ["Earth is flat."]


@pytest.mark.parametrize(
    "answer",
    [
        "No", "Nope, it isn't.", "Not at all", "no.", "No, it is not.", "False.", "Incorrect", "Of course not.",
        "That is not true.", "That's a myth.", "I don't think so.", "It isn't.", "In short, no.", "Absolutely not!",
        "Nah", "Never.", "No, my friend", "It’s not.", "No way!", "👎",
    ],
)  # fmt: skip
def test_a_no_states_the_opposite(answer: str) -> None:
    assert texts("Is earth flat?", answer) == ["Earth is not flat."]


@pytest.mark.parametrize(
    ("question", "yes", "no"),
    [
        ("Is the Eiffel Tower in Rome?", "The Eiffel Tower is in Rome.", "The Eiffel Tower is not in Rome."),
        ("Are polar bears white?", "Polar bears are white.", "Polar bears are not white."),
        ("Was Einstein born in Ulm?", "Einstein was born in Ulm.", "Einstein was not born in Ulm."),
        ("Were the Beatles English?", "The Beatles were English.", "The Beatles were not English."),
        ("Do vaccines cause autism?", "Vaccines cause autism.", "Vaccines do not cause autism."),
        ("Does the Sun orbit the Earth?", "The Sun orbits the Earth.", "The Sun does not orbit the Earth."),
        ("Did Napoleon win at Waterloo?", "Napoleon won at Waterloo.", "Napoleon did not win at Waterloo."),
        ("Did the war end in 1945?", "The war ended in 1945.", "The war did not end in 1945."),
        ("Can penguins fly?", "Penguins can fly.", "Penguins cannot fly."),
        ("Could dinosaurs swim?", "Dinosaurs could swim.", "Dinosaurs could not swim."),
        ("Will the lease expire in May?", "The lease will expire in May.", "The lease will not expire in May."),
        ("Would ice sink in oil?", "Ice would sink in oil.", "Ice would not sink in oil."),
        ("Has Brazil won five times?", "Brazil has won five times.", "Brazil has not won five times."),
        ("Have humans been to Mars?", "Humans have been to Mars.", "Humans have not been to Mars."),
        ("Had Rome fallen by 500?", "Rome had fallen by 500.", "Rome had not fallen by 500."),
        ("Should staff wear badges?", "Staff should wear badges.", "Staff should not wear badges."),
        ("Must employees work on site?", "Employees must work on site.", "Employees do not have to work on site."),
        ("May tenants keep pets?", "Tenants may keep pets.", "Tenants may not keep pets."),
        ("Might it rain?", "It might rain.", "It might not rain."),
        ("Isn't the earth flat?", "The earth is flat.", "The earth is not flat."),
        ("Didn’t Einstein fail math?", "Einstein failed math.", "Einstein did not fail math."),
        ("Can't penguins fly?", "Penguins can fly.", "Penguins cannot fly."),
        ("The earth is flat, right?", "The earth is flat.", "The earth is not flat."),
        ("The earth is flat, isn't it?", "The earth is flat.", "The earth is not flat."),
        ("Is it true that the earth is flat?", "The earth is flat.", "The earth is not flat."),
        ("True or false: the earth is flat.", "The earth is flat.", "The earth is not flat."),
        ("The earth is flat. True or false?", "The earth is flat.", "The earth is not flat."),
        ("The earth is flat. Is this true?", "The earth is flat.", "The earth is not flat."),
        ("The earth is flat?", "The earth is flat.", "The earth is not flat."),
        ("Can you tell me if the earth is flat?", "The earth is flat.", "The earth is not flat."),
        ("Hey, is the earth flat", "The earth is flat.", "The earth is not flat."),
        ("Is the earth flat? Answer yes or no.", "The earth is flat.", "The earth is not flat."),
        ("In 1990, was Bush president?", "In 1990, Bush was president.", "In 1990, Bush was not president."),
        ("Is there a king of France?", "There is a king of France.", "There is no king of France."),
        ("Do all birds fly?", "All birds fly.", "Not all birds fly."),
        ("Is the capital of Australia Sydney?", "The capital of Australia is Sydney.",
         "The capital of Australia is not Sydney."),
        ("Is gold denser than iron?", "Gold is denser than iron.", "Gold is not denser than iron."),
        ("Is Mount Everest the tallest mountain on Earth?", "Mount Everest is the tallest mountain on Earth.",
         "Mount Everest is not the tallest mountain on Earth."),
        ("Does this employment contract allow unlimited remote work?",
         "This employment contract allows unlimited remote work.",
         "This employment contract does not allow unlimited remote work."),
        ("Based on the document, does the contract allow pets?", "The contract allows pets.",
         "The contract does not allow pets."),
        ("Is a cougar and a mountain lion the same?", "A cougar and a mountain lion is the same.",
         "A cougar and a mountain lion is not the same."),
        ("Was Nikola Tesla's home country involved in the war?", "Nikola Tesla's home country was involved in the war.",
         "Nikola Tesla's home country was not involved in the war."),
        ("Does the clock stop when you run out of bounds?", "The clock stops when you run out of bounds.",
         "The clock does not stop when you run out of bounds."),
        ('Is "A Tale of Two Cities" a poem?', '"A Tale of Two Cities" is a poem.',
         '"A Tale of Two Cities" is not a poem.'),
        ("Is the tongue part of the head?", "The tongue is part of the head.", "The tongue is not part of the head."),
        ("Has anyone hit two?", "Someone has hit two.", "No one has hit two."),
        ("Can you cut a diamond?", "You can cut a diamond.", "You cannot cut a diamond."),
        ("Could an elephant easily defeat a monkey?", "An elephant could easily defeat a monkey.",
         "An elephant could not easily defeat a monkey."),
        ("Does the company carry liability insurance?", "The company carries liability insurance.",
         "The company does not carry liability insurance."),
    ],
)  # fmt: skip
def test_every_auxiliary_gives_both_statements(question: str, yes: str, no: str) -> None:
    assert texts(question, "Yes.") == [yes]
    assert texts(question, "No.") == [no]


def test_a_yes_before_a_full_sentence_is_left_out_of_the_text_and_kept_in_the_span() -> None:
    response = "Yes, the Great Wall of China is visible from space with the naked eye."
    (claim,) = extract_claims("Is the Great Wall of China visible from space?", response)
    assert claim.text == "The Great Wall of China is visible from space with the naked eye."
    assert response[claim.span.start : claim.span.end] == response


def test_a_no_with_a_correction_denies_the_question_and_states_the_correction() -> None:
    expected = ["The Eiffel Tower is not in Rome.", "The Eiffel Tower is in Paris."]
    assert texts("Is the Eiffel Tower in Rome?", "No, it is in Paris.") == expected
    assert texts("Is the Eiffel Tower in Rome?", "No, Paris.") == expected


def test_a_yes_with_another_statement_still_affirms_the_question() -> None:
    assert texts("Is Paris in Germany?", "Yes, it is in Europe.") == ["Paris is in Germany.", "Paris is in Europe."]


def test_a_reason_after_yes_stays_with_it() -> None:
    assert texts("Is the sky blue?", "Yes, because air scatters light.") == [
        "The sky is blue because air scatters light."
    ]


def test_a_limit_after_yes_is_not_lost() -> None:
    assert texts("Is the sky blue?", "Yes, but only during the day.") == ["The sky is blue, but only during the day."]
    assert texts("Was Einstein born in Germany?", "Yes, in Ulm.") == ["Einstein was born in Germany, in Ulm."]


def test_one_of_two_offered_words_is_the_answer() -> None:
    assert texts("Is the earth flat or round?", "Round.") == ["The earth is round."]


def test_a_yes_to_a_question_in_another_language_is_joined_to_it() -> None:
    assert texts("¿La tierra es plana?", "Sí") == ["La tierra es plana: Sí"]
    assert texts("地球是平的吗？", "是的") == ["地球是平的吗: 是的"]


@pytest.mark.parametrize("answer", ["Yes and no.", "Maybe.", "It depends.", "No one knows.", "Perhaps", "Hard to say."])
def test_an_answer_that_does_not_decide_makes_no_claim(answer: str) -> None:
    assert texts("Is earth flat?", answer) == []


def test_a_yes_without_a_question_makes_no_claim() -> None:
    assert texts("", "yes") == []
    assert texts("Can you help me?", "Yes!") == []
    assert texts("Tell me about Paris.", "Sure!") == []
