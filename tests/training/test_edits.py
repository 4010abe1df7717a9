"""Edits of supported claims: what each changes, what its label is, and what it leaves alone."""

import random
import re
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.judges.alignment.vocabulary import word_list
from training.edits import (
    additions,
    connectives,
    names,
    near_words,
    negation,
    opposites,
    quantities,
    shortening,
    synonyms,
    values,
)
from training.edits.edit import Edit, Edited
from training.pairs import REFUTED, SUPPORTED, UNSUPPORTED

POOL = ["Harlow", "Nadia Petrov", "Marlow Castle", "Bremen", "USDA"]
EXTRAS = ["in the winter of 1953", "because of the strike"]
NEAR = {"bridge": ["tunnel", "ridge"], "ferry": ["railway", "lorry"]}
EDITS: dict[str, Edit] = {
    "other_number": values.other_number,
    "other_number_word": values.other_number_word,
    "other_date": values.other_date,
    "other_unit": values.other_unit,
    "same_number": values.same_number,
    "other_name": names.other_name,
    "name_from": partial(names.name_from, POOL),
    "swapped_roles": names.swapped_roles,
    "negated": negation.negated,
    "stronger": quantities.stronger,
    "weaker": quantities.weaker,
    "other_connective": connectives.other_connective,
    "opposite": opposites.opposite,
    "synonym": synonyms.synonym,
    "near_word": partial(near_words.near_word, NEAR),
    "added": partial(additions.added, EXTRAS),
    "shorter": shortening.shorter,
}
SEEDS = 30


def all_of(edit: Edit, claim: str, evidence: str | None = None) -> list[Edited]:
    """What an edit makes of a claim with many seeds. The evidence is the claim unless given."""
    found = [edit(random.Random(seed), claim, claim if evidence is None else evidence) for seed in range(SEEDS)]
    return [edited for edited in found if edited is not None]


def texts_of(edit: Edit, claim: str, evidence: str | None = None) -> set[str]:
    return {edited.claim for edited in all_of(edit, claim, evidence)}


def labels_of(edit: Edit, claim: str, evidence: str | None = None) -> set[int]:
    return {edited.allowed for edited in all_of(edit, claim, evidence)}


@pytest.mark.parametrize(
    ("name", "claim", "label"),
    [
        ("other_number", "The mill employed 340 people.", REFUTED),
        ("other_number_word", "The mill had seven wheels.", REFUTED),
        ("other_date", "The mill opened on a Tuesday.", REFUTED),
        ("other_unit", "The crossing takes 20 minutes.", REFUTED),
        ("other_name", "The mill was sold to Ada Whitlock.", UNSUPPORTED),
        ("name_from", "The mill was sold to Ada Whitlock.", UNSUPPORTED),
        ("swapped_roles", "Ada Whitlock sued Rupert Kane.", UNSUPPORTED),
        ("negated", "The bridge was closed.", REFUTED),
        ("stronger", "Some bridges carry trains.", UNSUPPORTED),
        ("other_connective", "The bridge closed because of the flood.", UNSUPPORTED),
        ("opposite", "Traffic increased that summer.", REFUTED),
        ("near_word", "The bridge was repainted.", UNSUPPORTED),
        ("added", "The bridge was repainted.", UNSUPPORTED),
        ("same_number", "The mill had 7 large wheels.", SUPPORTED),
        ("weaker", "In all bridges of the line the deck is wooden: all bridges have rails.", SUPPORTED),
        ("synonym", "The bridge was constructed of oak.", SUPPORTED),
        ("shorter", "The bridge (a listed monument) was painted again.", SUPPORTED),
    ],
)
def test_each_edit_says_what_it_does_to_the_label(name: str, claim: str, label: int) -> None:
    assert labels_of(EDITS[name], claim, f"{claim} Elsewhere Jonas Reed kept a ledger.") == {label}


def test_a_number_becomes_another_and_the_rest_stays() -> None:
    for text in texts_of(values.other_number, "In 1911, the mill employed 340 people."):
        assert re.fullmatch(r"In \d{4}, the mill employed \d+ people\.", text)


@pytest.mark.parametrize(
    "claim",
    [
        "The march drew over 100 people.",
        "The march drew at least 100 people.",
        "The march drew 100 or more people.",
        "The march drew between 100 and 200 people.",
        "The mill had closed by 1911.",
        "The march did not draw 100 people.",
        "If 100 people come, the march begins.",
        "It was built in the 19th century.",
        "It was popular in the 1950s.",
        "The score was 3-2.",
        "The train leaves at 10:30.",
    ],
)
def test_a_number_that_is_a_bound_denied_or_part_of_something_is_left_alone(claim: str) -> None:
    assert texts_of(values.other_number, claim) == set()


def test_a_number_that_the_evidence_does_not_have_is_left_alone() -> None:
    assert texts_of(values.other_number, "The mill had 5 wheels.", "Built in 1995, the mill had some wheels.") == set()


def test_a_number_never_becomes_one_that_the_evidence_lists_beside_it() -> None:
    evidence = "She won the race in 1990, 1994 and 1998."
    texts = texts_of(values.other_number, "She won the race in 1994.", evidence)
    assert texts
    assert not texts & {"She won the race in 1990.", "She won the race in 1998."}


def test_a_number_is_not_replaced_by_the_same_value() -> None:
    assert "The mill made 1000 sacks." not in texts_of(
        values.other_number, "The mill made 1,000 sacks.", "It made 1,000 sacks, that is 1000 sacks."
    )


def test_a_day_of_a_month_stays_a_day_of_a_month() -> None:
    days = [
        int(re.findall(r"\d+", text)[0]) for text in texts_of(values.other_number, "The fair is on June 19 this time.")
    ]
    assert days
    assert all(1 <= day <= 28 and day != 19 for day in days)


def test_a_number_in_a_name_breaks_a_claim_without_refuting_it() -> None:
    assert labels_of(values.other_number, "Rover Nova 7 reached the crater.") == {UNSUPPORTED}


@pytest.mark.parametrize(
    "claim", ["Over seven wheels turned.", "The Famous Five sailed.", "It had twenty-seven wheels."]
)
def test_a_number_word_in_a_bound_a_name_or_a_longer_number_is_left_alone(claim: str) -> None:
    assert texts_of(values.other_number_word, claim) == set()


def test_a_number_word_needs_the_whole_word_in_the_evidence() -> None:
    assert texts_of(values.other_number_word, "The mill had two wheels.", "The network of 1922 had wheels.") == set()


@pytest.mark.parametrize(
    "claim",
    [
        "The bridge may open in May.",
        "They march every March.",
        "The fair took place before June.",
        "June Carter sang.",
        "The song is called Bloody Sunday.",
    ],
)
def test_a_month_or_day_that_is_ambiguous_a_bound_or_a_name_is_left_alone(claim: str) -> None:
    assert texts_of(values.other_date, claim) == set()


def test_a_month_never_becomes_one_that_the_evidence_lists_beside_it() -> None:
    texts = texts_of(values.other_date, "The fair is in June.", "The fair is in June, July and August.")
    assert texts
    assert not texts & {"The fair is in July.", "The fair is in August."}


@pytest.mark.parametrize(
    "claim",
    [
        "The day was long.",
        "It was once a mill.",
        "Less than 5 years passed.",
        "At first it ran.",
    ],
)
def test_a_unit_without_an_amount_is_left_alone(claim: str) -> None:
    assert texts_of(values.other_unit, claim) == set()


def test_the_same_length_spelt_otherwise_is_no_other_unit() -> None:
    assert "It is 5 kilometres long." not in texts_of(values.other_unit, "It is 5 kilometers long.")


def test_the_same_number_is_written_otherwise() -> None:
    assert texts_of(values.same_number, "The mill made 1,000 sacks.") == {"The mill made 1000 sacks."}
    assert texts_of(values.same_number, "The mill had three wheels.") == {"The mill had 3 wheels."}
    assert texts_of(values.same_number, "It lost 8% of it.") == {
        "It lost 8 percent of it.",
        "It lost 8 per cent of it.",
    }


@pytest.mark.parametrize(
    "claim", ["It cost $3 million.", "The fair is on June 3 again.", "They are the Fantastic Four."]
)
def test_a_number_that_cannot_be_written_otherwise_stays(claim: str) -> None:
    assert texts_of(values.same_number, claim) == set()


def test_a_name_becomes_one_of_the_same_kind_and_keeps_what_follows_it() -> None:
    evidence = "The mill was sold to Ada Whitlock by Rupert Kane in March. The Dutch press wrote of it."
    assert texts_of(names.other_name, "The mill was Ada Whitlock's pride.", evidence) == {
        "The mill was Rupert Kane's pride."
    }


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("She was born in Wessen.", "She was born in Altburg, Wessen."),
        ("The band is called Larks.", "The band, called Larks or Starlings, played."),
        ("The fair is in June.", "The fair is in June; Bremen has none."),
        ("It is not in Bremen.", "It is not in Bremen. It is by Harlow."),
    ],
)
def test_a_name_that_goes_with_the_other_a_date_or_a_denial_is_left_alone(claim: str, evidence: str) -> None:
    assert texts_of(names.other_name, claim, evidence) == set()


def test_an_article_follows_the_word_after_it() -> None:
    claim = "There was an increase of traffic."
    assert texts_of(opposites.opposite, claim) == {"There was a decrease of traffic."}


def test_two_names_change_places() -> None:
    assert texts_of(names.swapped_roles, "Ada Whitlock sued Rupert Kane.") == {"Rupert Kane sued Ada Whitlock."}


@pytest.mark.parametrize(
    "claim",
    [
        "Ada Whitlock married Rupert Kane.",
        "Ada Whitlock and Rupert Kane built it.",
        "Ada Whitlock is the sister of Rupert Kane.",
        "Rupert Kane is Captain Storm.",
        "She lived in Altburg, Wessen.",
        "Ada Whitlock came on Monday.",
    ],
)
def test_a_relation_that_holds_both_ways_is_not_swapped(claim: str) -> None:
    assert texts_of(names.swapped_roles, claim) == set()


@pytest.mark.parametrize(
    ("claim", "denied"),
    [
        ("The bridge is open.", {"The bridge is not open."}),
        ("The bridge has a toll.", {"The bridge does not have a toll."}),
        ("The bridge can carry trains.", {"The bridge cannot carry trains."}),
        ("The bridge is not open.", {"The bridge is open."}),
        ("The bridge was open.", {"The bridge was not open.", "The bridge was never open."}),
    ],
)
def test_a_claim_is_denied(claim: str, denied: set[str]) -> None:
    assert texts_of(negation.negated, claim) == denied


@pytest.mark.parametrize(
    "claim",
    [
        "Some bridges are open.",
        "It may close.",
        "Nobody was hurt.",
        "It is not only a bridge.",
        "They fish when it is dark.",
    ],
)
def test_where_the_denial_may_hold_too_nothing_is_denied(claim: str) -> None:
    assert texts_of(negation.negated, claim) == set()


@pytest.mark.parametrize(
    "claim",
    [
        "The fair is in May.",
        "Will Harlow sang.",
        "It is the most visited bridge.",
        "As many as 50 came.",
        "Not all bridges are open.",
        "A few bridges are open.",
        "The book is about war.",
        "Many were closed.",
    ],
)
def test_what_is_no_quantity_is_not_made_stronger(claim: str) -> None:
    assert texts_of(quantities.stronger, claim) == set()


def test_a_quantity_that_the_evidence_does_not_have_is_not_made_stronger() -> None:
    assert texts_of(quantities.stronger, "Some bridges are open.", "All bridges are open.") == set()


@pytest.mark.parametrize(
    "claim",
    [
        "It is the most visited bridge.",
        "All 50 bridges are open.",
        "All the bridges are open.",
        "They don't paint all bridges.",
        "As many people came.",
        "It is open every day.",
    ],
)
def test_what_would_not_follow_is_not_made_weaker(claim: str) -> None:
    assert texts_of(quantities.weaker, claim) == set()


def test_all_becomes_some() -> None:
    assert texts_of(quantities.weaker, "All bridges are open.") == {
        f"{word} bridges are open." for word in ("Some", "Many", "Most")
    }


@pytest.mark.parametrize("claim", ["It was named after him.", "It was compared with others.", "It is made from oak."])
def test_a_word_that_belongs_to_another_relates_nothing(claim: str) -> None:
    assert texts_of(connectives.other_connective, claim) == set()


def test_he_becomes_she_where_nothing_else_tells() -> None:
    claim = "In the end he sang."
    assert texts_of(connectives.other_connective, claim) == {"In the end she sang."}
    assert texts_of(connectives.other_connective, claim, "She sang with him; he sang.") == set()


@pytest.mark.parametrize(
    "claim",
    [
        "It did not increase.",
        "She is 30 years old.",
        "The right to fish is hers.",
        "He attended the high school.",
        "A long-term lease",
    ],
)
def test_what_is_denied_or_meant_otherwise_gets_no_opposite(claim: str) -> None:
    assert texts_of(opposites.opposite, claim) == set()


def test_an_opposite_is_inflected() -> None:
    assert texts_of(opposites.opposite, "The lake shrank.") <= {"The lake grew."}
    assert texts_of(opposites.opposite, "Wages were raised.") <= {"Wages were cut.", "Wages were lowered."}
    assert texts_of(opposites.opposite, "They denied it.") == set()


def test_a_near_word_is_no_word_of_the_evidence() -> None:
    evidence = "The bridge stands by a ridge."
    assert texts_of(EDITS["near_word"], "The bridge stands.", evidence) == set()
    assert texts_of(EDITS["near_word"], "The ferry stopped.", "The ferry stopped.") == {
        "The railway stopped.",
        "The lorry stopped.",
    }


def test_something_is_added_before_the_full_stop() -> None:
    assert texts_of(EDITS["added"], "The ferry stopped.") == {f"The ferry stopped {extra}." for extra in EXTRAS}


def test_what_the_evidence_says_is_not_added() -> None:
    assert texts_of(EDITS["added"], "The ferry stopped.", f"It stopped {EXTRAS[0]} {EXTRAS[1]}.") == set()


def test_additions_come_out_of_texts_and_are_no_clauses() -> None:
    assert additions.adjuncts("It closed in the spring of 1990, for what it was.") == ["in the spring of 1990"]


@pytest.mark.parametrize(
    ("claim", "shorter"),
    [
        ("The bridge (built of oak) was painted again.", "The bridge was painted again."),
        ("However, the bridge was painted again.", "The bridge was painted again."),
        ("The bridge, which is of oak, was painted again.", "The bridge was painted again."),
        ("In May 1911, the bridge was painted again.", "The bridge was painted again."),
        ("On May 5, 1911, the bridge was painted again.", "The bridge was painted again."),
        ("The bridge was painted again, police said on Monday.", "The bridge was painted again."),
    ],
)
def test_what_is_said_beside_is_taken_out(claim: str, shorter: str) -> None:
    assert texts_of(shortening.shorter, claim) == {shorter}


@pytest.mark.parametrize(
    "claim",
    [
        "In mice, the drug cured the disease.",
        "When it rains, the bridge is closed to all.",
        "In 1911, no bridge was open to trains.",
        "In 1911, she won the most races of them.",
        "In 1990, 1994 and 1998 she won the race.",
        "On Monday, he said the plan had failed.",
        "When asked about the plan for it, she said it was good.",
    ],
)
def test_what_the_rest_depends_on_stays(claim: str) -> None:
    assert texts_of(shortening.shorter, claim) <= {"He said the plan had failed."}


def test_a_list_is_not_cut_in_the_middle() -> None:
    for text in texts_of(shortening.shorter, "He saw three towns, including Harlow, Bremen and Altburg."):
        assert text == "He saw three towns."


WORDS = st.sampled_from(
    word_list(
        "the The a bridge Ada Whitlock Rupert Kane 340 1,000 7% three May Monday is was not some all because with after"
        " in increased 5 million hours of, which and, said. (old) over – “ ” ' $5 Dutch 1990s he she 10:30"
    )
)


@pytest.mark.parametrize("name", EDITS)
@given(
    claim=st.lists(WORDS, max_size=14).map(" ".join) | st.text(max_size=60),
    more=st.lists(WORDS, max_size=12),
    seed=st.integers(0, 99),
)
def test_an_edit_of_any_text_is_another_text_and_the_same_for_a_seed(
    name: str, claim: str, more: list[str], seed: int
) -> None:
    evidence = f"{claim} {' '.join(more)}"
    found = EDITS[name](random.Random(seed), claim, evidence)
    assert found == EDITS[name](random.Random(seed), claim, evidence)
    if found is not None:
        assert isinstance(found.claim, str)
        assert found.claim != claim
        assert found.allowed in (SUPPORTED, REFUTED, UNSUPPORTED)
