"""A short answer fills the gap in the question."""

import pytest

from inference.claims.extract import extract_claims


def texts(prompt: str, response: str) -> list[str]:
    return [claim.text for claim in extract_claims(prompt, response)]


@pytest.mark.parametrize(
    ("question", "answer", "claim"),
    [
        ("Where is the Eiffel Tower?", "Rome", "The Eiffel Tower is in Rome."),
        ("Where is the Eiffel Tower?", "In Rome.", "The Eiffel Tower is in Rome."),
        ("Where is the Eiffel Tower located?", "Rome", "The Eiffel Tower is located in Rome."),
        ("Where did Napoleon die?", "On Saint Helena", "Napoleon died on Saint Helena."),
        ("Where do penguins live?", "Antarctica", "Penguins live in Antarctica."),
        ("Where does coffee come from?", "Ethiopia", "Coffee comes from Ethiopia."),
        ("What's the capital of Australia?", "Sydney", "The capital of Australia is Sydney."),
        ("What's the capital of Australia?", "Answer: Sydney", "The capital of Australia is Sydney."),
        ("What's the capital of Australia?", "**Sydney**", "The capital of Australia is Sydney."),
        ("What's the capital of Australia?", "Sydney, I think.", "The capital of Australia is Sydney."),
        ("What's the capital of Australia?", "Sydney is.", "The capital of Australia is Sydney."),
        ("What's the capital of Australia?", "It's Sydney.", "The capital of Australia is Sydney."),
        ("Name the capital of Australia.", "Sydney", "The capital of Australia is Sydney."),
        ("Can you tell me what the capital of Australia is?", "Sydney", "The capital of Australia is Sydney."),
        ("Do you know the capital of Australia?", "Yes, it's Sydney.", "The capital of Australia is Sydney."),
        ("Who wrote Hamlet?", "Charles Dickens", "Charles Dickens wrote Hamlet."),
        ("Who wrote it?", "Mark Twain", "Mark Twain wrote it."),
        ("Who is the president of France?", "A baker", "The president of France is a baker."),
        ("Who did Napoleon marry?", "Josephine", "Napoleon married Josephine."),
        ("By whom was Hamlet written?", "Shakespeare", "Hamlet was written by Shakespeare."),
        ("When did WW2 end?", "1946", "WW2 ended in 1946."),
        ("When did the Titanic sink?", "On April 15, 1912", "The Titanic sank on April 15, 1912."),
        ("When was Einstein born?", "March 14, 1879", "Einstein was born on March 14, 1879."),
        ("When is Christmas?", "December 25", "Christmas is on December 25."),
        ("In which year did WW2 end?", "1946", "WW2 ended in 1946."),
        ("What year did WW2 end?", "1946", "WW2 ended in 1946."),
        ("What year was Apple founded?", "1976", "Apple was founded in 1976."),
        ("What day is the report due?", "Monday", "The report is due on Monday."),
        ("How many bones does an adult human have?", "206", "An adult human has 206 bones."),
        ("How many bones does an adult human have?", "206 bones.", "An adult human has 206 bones."),
        ("How many states are in the USA?", "50", "There are 50 states in the USA."),
        ("How many moons are there around Mars?", "Two", "There are two moons around Mars."),
        ("How many people live in Paris?", "2 million", "2 million people live in Paris."),
        ("How many times has Brazil won the Cup?", "Five", "Brazil has won the Cup five times."),
        ("How tall is Mount Everest?", "8,849 m", "Mount Everest is 8,849 m tall."),
        ("How old is the universe?", "13.8 billion years", "The universe is 13.8 billion years old."),
        ("How long is the Nile?", "6,650 km", "The Nile is 6,650 km long."),
        ("How long did WW2 last?", "Six years", "WW2 lasted six years."),
        ("How long does it take to fly there?", "Three days", "It takes three days to fly there."),
        ("How far is the Moon from Earth?", "384,400 km", "The Moon is 384,400 km from Earth."),
        ("How much does the phone cost?", "$5", "The phone costs $5."),
        ("How much is the phone?", "$5", "The phone is $5."),
        ("How often does it run?", "once a year", "It runs once a year."),
        ("How did Einstein die?", "Of an aneurysm", "Einstein died of an aneurysm."),
        ("Which planet is the largest?", "Jupiter", "Jupiter is the largest planet."),
        ("Which company makes the iPhone?", "Apple", "Apple makes the iPhone."),
        ("Which country is Paris in?", "France", "Paris is in France."),
        ("What language is spoken in Brazil?", "Portuguese", "Portuguese is spoken in Brazil."),
        ("What color is the sky?", "Blue", "The sky is blue."),
        ("What kind of animal is a whale?", "a mammal", "A whale is a mammal."),
        ("What percentage of Earth is water?", "71%", "71% of Earth is water."),
        ("What's the invoice date?", "May 22, 2025", "The invoice date is May 22, 2025."),
        ("What is the boiling point of water?", "100 degrees", "The boiling point of water is 100 degrees."),
        ("At what temperature does water boil?", "100 degrees", "Water boils at 100 degrees."),
        ("What is the tower made of?", "iron", "The tower is made of iron."),
        ("What did Edison invent?", "The light bulb", "Edison invented the light bulb."),
        ("What does DNA stand for?", "a long name", "DNA stands for a long name."),
        ("What causes tides?", "The Moon", "The Moon causes tides."),
        ("The book was written by which author?", "Mark Twain", "The book was written by Mark Twain."),
        ("The band sold how many albums?", "two", "The band sold two albums."),
        ("What DJ did Tom work with on the album?", "Armin", "Tom worked with Armin on the album."),
        ("The champion was found where?", "Oslo", "The champion was found in Oslo."),
        ("Juice is what kind of product?", "drink", "Juice is drink."),
        ("Why do leaves fall?", "gravity", "Leaves fall because of gravity."),
        ("Why do leaves fall?", "Because it gets cold.", "Leaves fall because it gets cold."),
    ],
)
def test_a_short_answer_becomes_a_statement(question: str, answer: str, claim: str) -> None:
    assert texts(question, answer) == [claim]


@pytest.mark.parametrize(
    ("prompt", "answer", "claim"),
    [
        ("What two countries share the longest border?", "Canada and the United States",
         "What two countries share the longest border: Canada and the United States"),
        ("Translate 'hello' to French", "Bonjour", "Translate 'hello' to French: Bonjour"),
        ("Wie hoch ist der Turm?", "330 Meter", "Wie hoch ist der Turm: 330 Meter"),
    ],
)  # fmt: skip
def test_where_no_rule_fits_question_and_answer_are_joined(prompt: str, answer: str, claim: str) -> None:
    assert texts(prompt, answer) == [claim]


def test_an_answer_in_a_full_sentence_is_left_as_it_is() -> None:
    assert texts("What's the invoice date?", "The Invoice date is: May 22, 2025 ") == [
        "The Invoice date is: May 22, 2025"
    ]


def test_a_short_answer_without_a_question_is_the_claim() -> None:
    assert texts("", "Sydney") == ["Sydney"]


def test_an_instruction_that_was_asked_for_is_a_claim_about_the_goal() -> None:
    assert texts("How do I reset the device?", "Hold the power button for 10 seconds.") == [
        "To reset the device, hold the power button for 10 seconds."
    ]
