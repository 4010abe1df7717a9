"""Full statements: one claim a sentence or clause, framing left out, pronouns resolved."""

import pytest

from inference.claims.extract import extract_claims


def texts(response: str, prompt: str = "") -> list[str]:
    return [claim.text for claim in extract_claims(prompt, response)]


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        ("Apple was founded in 1976, and Dell was founded in 1984.",
         ["Apple was founded in 1976.", "Dell was founded in 1984."]),
        ("Paris is in France and Berlin is in Germany.", ["Paris is in France.", "Berlin is in Germany."]),
        ("The tower is tall, but it is not new.", ["The tower is tall.", "The tower is not new."]),
        ("it is old ; the hall is low .", ["It is old.", "The hall is low."]),
        ("Gold was kept for bankers and merchants but silver was used by all.",
         ["Gold was kept for bankers and merchants.", "Silver was used by all."]),
        ("The tower is tall; the hall is low.", ["The tower is tall.", "The hall is low."]),
        ("She sings.", ["She sings."]),
        ("Marie Curie was born in Warsaw, and she died in 1934.",
         ["Marie Curie was born in Warsaw.", "Marie Curie died in 1934."]),
        ("The Titanic sank in 1912, and over 1,500 people died.",
         ["The Titanic sank in 1912.", "Over 1,500 people died."]),
    ],
)  # fmt: skip
def test_clauses_with_their_own_subject_and_verb_are_parted(response: str, expected: list[str]) -> None:
    assert texts(response) == expected


@pytest.mark.parametrize(
    "response",
    [
        "Apple was founded by Steve Jobs, Steve Wozniak and Ronald Wayne.",
        "The river flows through France, Germany and the Netherlands.",
        "Tom said that Paris is big and Berlin is small.",
        "If it rains and the road is wet, cars slip.",
        "The distance between Paris and Berlin is 1,000 km.",
        "Dr. Smith lives in the U.S. and works at 5 p.m. daily.",
        'The motto is "liberty and peace are one" in Latin.',
        "It costs $3.14, i.e. more than No. 5 on Main St. does.",
        "The page is https://example.com/a;b?c=d and nothing else.",
        "The capital of France is Paris, which is old.",
        "Sales in Rome, Italy; Oslo, Norway; and Bern grew.",
        "Cars slip because the road is wet, and the bridge is icy.",
        "In 1990, the tower was sold and the hall was built.",
        "According to the mayor, the tower is old, and the hall is new.",
        "Experts say the tower is old, and the hall is new.",
        "She spoke after he and two guards were freed.",
        "The tower is old, whereas the hall is new.",
        "The road was wet, so the cars slipped.",
        "The film is about the mayor, Ann Lee, and the house she has built.",
        "The boy had minor cuts and bruises and was sent home.",
        "The cost has grown, but that is due to the war.",
        "Tom met Ann in 1978, and they are still friends.",
        "The motto is `` land and sea '' in Latin.",
    ],
)
def test_a_sentence_that_is_one_statement_stays_whole(response: str) -> None:
    assert texts(response) == [response]


@pytest.mark.parametrize(
    "response",
    [
        "I think the tower is in Rome.",
        "As far as I know, the tower is in Rome.",
        "According to the document, the tower is in Rome.",
        "The document says that the tower is in Rome.",
        "The document says the tower is in Rome.",
        "Based on the provided text, the tower is in Rome.",
        "Sure! The tower is in Rome.",
        "Of course, the tower is in Rome.",
        "Here is the answer: the tower is in Rome.",
        "In short, the tower is in Rome.",
        "Well, I believe that the tower is in Rome.",
        "It is worth noting that the tower is in Rome.",
        "However, the tower is in Rome.",
        "Hello! The tower is in Rome.",
        "Thanks for asking! The tower is in Rome.",
        "The tower is in Rome, I think.",
        "The tower is in Rome. I hope this helps!",
        "The tower is in Rome. Let me know if you have questions.",
        "I don't know, but the tower is in Rome.",
        "I'm not sure. However, the tower is in Rome.",
        "I'm sorry, but the tower is in Rome.",
        "I'm not sure - the tower is in Rome.",
        "I do n't know , I just know that the tower is in Rome.",
        "Did you know that the tower is in Rome?",
    ],
)
def test_framing_is_cut_from_the_text(response: str) -> None:
    assert texts(response, "Where is the tower?") == ["The tower is in Rome."]


def test_framing_stays_in_the_span() -> None:
    response = "Great. As far as I know, the tower is in Rome."
    (claim,) = extract_claims("", response)
    assert response[claim.span.start : claim.span.end].endswith("As far as I know, the tower is in Rome.")


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        ("The tower is tall. It was built in 1889.", "The tower was built in 1889."),
        ("The tower is tall. It's old.", "The tower is old."),
        ("Einstein was clever. He was born in Ulm.", "Einstein was born in Ulm."),
        ("The planets are round. They orbit the Sun.", "The planets orbit the Sun."),
        ("Bern is small. Its river is the Aare.", "Bern's river is the Aare."),
        ("The Nile is long. This is a river.", "The Nile is a river."),
    ],
)
def test_a_leading_pronoun_takes_the_noun_before_it(response: str, expected: str) -> None:
    assert texts(response)[-1] == expected


@pytest.mark.parametrize(
    "second",
    [
        "It is known to be old.",
        "It is raining.",
        "This is a common misconception.",
        "This means that nobody came.",
        "They are tall.",
        "This tower is tall.",
    ],
)
def test_a_pronoun_that_may_mean_something_else_is_left(second: str) -> None:
    assert texts(f"The tower is tall. {second}")[-1] == second


def test_pronouns_after_a_possessive_still_mean_the_owner() -> None:
    response = "Ada Lovelace wrote. Her father was Byron; her mother was Anne. She died at 36. He died in Greece."
    assert texts(response) == [
        "Ada Lovelace wrote.",
        "Ada Lovelace's father was Byron.",
        "Ada Lovelace's mother was Anne.",
        "Ada Lovelace died at 36.",
        "He died in Greece.",
    ]


def test_a_pronoun_takes_the_subject_of_the_question() -> None:
    assert texts("It sank in 1912.", "When did the Titanic sink?") == ["The Titanic sank in 1912."]
    assert texts("It is in Paris.", "Tell me about the Eiffel Tower.") == ["The Eiffel Tower is in Paris."]


def test_sentences_without_capitals_are_claims_of_their_own() -> None:
    said = ["lena holt learned norwegian in 2012 .", "mr . holt was proud !", "martinez won ."]
    response = " ".join(said)
    claims = extract_claims("Summarize the document.", response)
    assert [claim.text for claim in claims] == said
    assert [response[claim.span.start : claim.span.end] for claim in claims] == said
    assert texts("that is great! lena holt left oslo in 2012. martinez won.") == [
        "that is great!",
        "lena holt left oslo in 2012.",
        "martinez won.",
    ]


def test_a_hedge_at_the_end_leaves_no_space_behind() -> None:
    assert texts("the tower is in rome , I think") == ["the tower is in rome"]


def test_short_forms_that_a_tokenizer_cut_off_are_read() -> None:
    assert texts("The tower is tall . It 's old .")[-1] == "The tower is old ."
    assert texts("They do n't sell lamps .", "What do they sell?") == ["They do n't sell lamps ."]


@pytest.mark.parametrize(
    "response",
    [
        "I know him well.",
        "I see a red light.",
        "Some old people read maps at night.",
        "Low levels of zinc lead to hair loss.",
        "Leo, an early pope, played no part in the war.",
        "Even if they zorble, it won't help.",
        "He used to repair clocks.",
        "So much noise is bad for whales.",
    ],
)
def test_a_statement_is_no_answer_to_fill_in(response: str) -> None:
    assert texts(response, "Which things zorble?") == [response]


def test_chinese_sentences_are_claims_of_their_own() -> None:
    assert texts("地球是平的而且很大。太阳围着地球转动！", "说说地球") == ["地球是平的而且很大。", "太阳围着地球转动！"]
