"""The small pure parts of the alignment judge: dates, numbers, names, opposites, negation."""

import pytest

from inference.judges.alignment.dates import Relation, compare_dates, find_dates, show_date
from inference.judges.alignment.lemma import form, lemma, root
from inference.judges.alignment.names import same_name
from inference.judges.alignment.numbers import find_quantities
from inference.judges.alignment.opposites import GROUPS, PAIRS, Opposition, opposed
from inference.judges.alignment.places import exclude, lies_in, place
from inference.judges.alignment.quantity_comparison import comparable, compare_quantities
from inference.judges.alignment.statement import read_statement
from inference.judges.alignment.synonyms import SETS, synonym_keys


@pytest.mark.parametrize(
    "written",
    ["22 May 2025", "May 22, 2025", "May 22 2025", "22May25", "2025-05-22", "22/05/2025", "05/22/2025", "22.05.2025",
     "the 22nd of May, 2025", "Thursday, May 22, 2025", "22-May-2025", "2025-05-22T10:00:00Z"],
)  # fmt: skip
def test_a_day_is_read_in_any_common_writing(written: str) -> None:
    dates = find_dates(f"It opened on {written}.")
    assert len(dates) == 1
    assert "22 May 2025" in {show_date(reading) for reading in dates[0].readings}


def test_an_ambiguous_date_matches_either_reading() -> None:
    ambiguous = find_dates("04/03/2025")[0]
    for written in ("4 March 2025", "April 3, 2025"):
        assert compare_dates(find_dates(written)[0], ambiguous) is Relation.SAME
    assert compare_dates(find_dates("5 March 2025")[0], ambiguous) is Relation.CONFLICT


@pytest.mark.parametrize(
    ("claim", "evidence", "relation"),
    [
        ("May 2025", "22 May 2025", Relation.SAME),
        ("in 2025", "22 May 2025", Relation.SAME),
        ("22 May", "22 May 2025", Relation.SAME),
        ("22 May 2025", "in 2025", Relation.UNKNOWN),
        ("22 May 2025", "23 May 2025", Relation.CONFLICT),
        ("the 1990s", "in 1994", Relation.SAME),
        ("the 1990s", "in 1984", Relation.CONFLICT),
        ("the 19th century", "in 1889", Relation.SAME),
        ("the nineteenth century", "in 1920", Relation.CONFLICT),
        ("the 3rd century BC", "in 250 BC", Relation.SAME),
        ("in 30 BC", "in AD 30", Relation.CONFLICT),
        ("before 1900", "in 1889", Relation.SAME),
        ("after 1900", "in 1889", Relation.CONFLICT),
        ("in 1889", "before 1900", Relation.UNKNOWN),
        ("about 1750 BC", "in 1752 BC", Relation.SAME),
    ],
)
def test_a_coarser_date_is_said_and_a_finer_one_is_open(claim: str, evidence: str, relation: Relation) -> None:
    assert compare_dates(find_dates(claim)[0], find_dates(evidence)[0]) is relation


@pytest.mark.parametrize(
    "text", ["1889 people came", "about 1500 metres", "Section 4.2", "21Jun2", "He may go", "31/31/2025"]
)
def test_what_is_no_date_is_not_read_as_one(text: str) -> None:
    assert find_dates(text) == []


@pytest.mark.parametrize(
    ("claim", "evidence", "relation"),
    [
        ("330 metres", "1,083 ft", Relation.SAME),
        ("330 metres", "500 ft", Relation.CONFLICT),
        ("about 3 million", "3,012,000", Relation.SAME),
        ("half", "50%", Relation.SAME),
        ("one third", "33 percent", Relation.SAME),
        ("two-thirds", "half", Relation.CONFLICT),
        ("more than 20 people", "25 people", Relation.SAME),
        ("more than 20 people", "15 people", Relation.CONFLICT),
        ("more than 20 people", "20 people", Relation.CONFLICT),
        ("at least 20 people", "20 people", Relation.SAME),
        ("between 5 and 10 km", "7 km", Relation.SAME),
        ("5-10 km", "12 km", Relation.CONFLICT),
        ("three", "3", Relation.SAME),
        ("1.5 million", "1,500,000", Relation.SAME),
        ("two hundred and fifty", "250", Relation.SAME),
        ("$5", "USD 5", Relation.SAME),
        ("£7116", "7116GBP", Relation.SAME),
        ("7116 pounds", "7116GBP", Relation.SAME),
        ("USD 7116", "7116GBP", Relation.CONFLICT),
        ("7,161 GBP", "7116GBP", Relation.CONFLICT),
        ("8 minutes and 20 seconds", "500 seconds", Relation.SAME),
        ("24 hours", "one day", Relation.SAME),
        ("212 degrees Fahrenheit", "100 °C", Relation.SAME),
        ("100 km/h", "62 mph", Relation.SAME),
        ("a dozen eggs", "12 eggs", Relation.SAME),
        ("within 24 hours", "12 hours", Relation.SAME),
        ("1/4", "25%", Relation.SAME),
    ],
)
def test_quantities_are_compared_across_units_and_bounds(claim: str, evidence: str, relation: Relation) -> None:
    one, other = find_quantities(claim)[0], find_quantities(evidence)[0]
    assert comparable(one, other)
    assert compare_quantities(one, other) is relation


def test_counts_of_different_things_are_not_compared() -> None:
    assert not comparable(find_quantities("three moons")[0], find_quantities("two rings")[0])
    assert not comparable(find_quantities("3 km")[0], find_quantities("3 kg")[0])


def test_ordinals_are_no_quantities() -> None:
    assert find_quantities("the 2nd floor") == []


def test_short_names_are_the_long_ones_and_different_ones_are_not() -> None:
    assert same_name(frozenset({"einstein"}), frozenset({"albert", "einstein"}))
    assert not same_name(frozenset({"neil", "armstrong"}), frozenset({"louis", "armstrong"}))
    assert not same_name(frozenset({"korea"}), frozenset({"north", "korea"}))
    assert not same_name(frozenset({"mount"}), frozenset({"mount", "everest"}))
    assert not same_name(frozenset({"apollo"}), frozenset({"apollo", "11"}))


def test_places_know_what_they_lie_in() -> None:
    paris, france, germany, europe = place("Paris"), place("France"), place("Germany"), place("Europe")
    assert paris is not None
    assert france is not None
    assert germany is not None
    assert europe is not None
    assert lies_in(paris, france)
    assert lies_in(paris, europe)
    assert exclude(paris, germany)
    assert not exclude(paris, europe)


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        ("increase", "decrease", Opposition.CONTRARY),
        ("open", "closed", Opposition.CONTRADICTORY),
        ("huge", "tiny", Opposition.CONTRARY),
        ("visible", "invisible", Opposition.CONTRADICTORY),
        ("mammal", "fish", Opposition.GROUP),
        ("big", "large", Opposition.NONE),
        ("hot", "open", Opposition.NONE),
        ("it", "unit", Opposition.NONE),
    ],
)
def test_opposites_are_found_through_synonyms_and_prefixes(one: str, other: str, kind: Opposition) -> None:
    assert opposed(lemma(one), lemma(other)) is kind
    assert opposed(lemma(other), lemma(one)) is kind


def test_the_tables_are_as_large_as_promised() -> None:
    assert len(PAIRS.strip().splitlines()) >= 200
    assert len(SETS.strip().splitlines()) >= 250
    assert len(GROUPS.strip().splitlines()) >= 20


@pytest.mark.parametrize("line", SETS.strip().splitlines())
def test_every_synonym_set_joins_its_words(line: str) -> None:
    first, *others = line.split()
    assert others
    for word in others:
        assert synonym_keys(lemma(first)) & synonym_keys(lemma(word))


@pytest.mark.parametrize(
    ("words", "plain"),
    [
        (("locate", "located", "locates", "locating"), "locat"),
        (("write", "wrote", "written", "writing"), "writ"),
        (("city", "cities"), "citi"),
        (("stop", "stopped", "stopping"), "stop"),
        (("universe",), "univers"),
    ],
)
def test_inflections_share_a_plain_form(words: tuple[str, ...], plain: str) -> None:
    assert {lemma(word) for word in words} == {plain}


def test_degrees_are_kept_apart() -> None:
    assert form("tallest") == ("tall", "est")
    assert form("bigger") == ("big", "er")
    assert lemma("university") != lemma("universe")


def test_derivations_share_a_root() -> None:
    assert root("discovery") == root("discovered") == root("discoverers")
    assert root("universe") == ""


@pytest.mark.parametrize(
    ("text", "denied"),
    [
        ("The tower is not in Rome, London or Berlin.", {"rome", "london", "berlin"}),
        ("The ball is a rock and is not made of cheese.", {"made of", "cheese"}),
        ("The drug fails to cure colds.", {"cure", "colds"}),
        ("It is a myth that bats are blind.", {"blind"}),
        ("It is not only cheap.", set()),
        ("Mercury is not hot, because Venus is hot.", {"hot"}),
        ("The capital is Canberra, not Sydney.", {"sydney"}),
        ("The tea is served without milk.", {"milk"}),
        ("It is false that bats are not blind.", set()),
        ("Not all birds fly.", set()),
    ],
)
def test_a_denial_reaches_to_the_end_of_its_clause(text: str, denied: set[str]) -> None:
    statement = read_statement(text)
    assert {token.lower for token in statement.tokens if token.negated and token.content} == denied
