"""What is kept for measuring, what goes with other evidence, and how pairs are edited."""

import random

import pytest

from training.editor import Editor
from training.mixing import HELD_OUT_SHARE, held_out, other_evidence
from training.pairs import REFUTED, SUPPORTED, UNKNOWN, Pair

TOWNS = ["Harlow", "Bremen", "Altburg", "Wessen", "Lorne", "Kelso"]


def town(number: int, source: str = "frank") -> Pair:
    name = TOWNS[number % len(TOWNS)]
    text = (
        f"{name} has {number + 20} bridges. The bridges were built in {1900 + number}, police said. "
        f"Some bridges of {name} are open to trains because of a treaty. The largest bridge (of oak) is in {name}."
    )
    return Pair(f"{name} has {number + 20} bridges.", text, SUPPORTED, source, f"{source}/{number % 10}")


PAIRS = [town(number) for number in range(60)]


def test_about_a_twenty_fifth_of_the_groups_is_held_out() -> None:
    share = sum(held_out(f"towers/{number}") for number in range(5_000)) / 5_000
    assert share == pytest.approx(HELD_OUT_SHARE, abs=0.01)


def test_all_that_is_made_of_a_pair_stays_in_its_group() -> None:
    editor = Editor(random.Random(1), PAIRS, {"bridges": ["tunnels"]})
    groups = {pair.evidence: pair.group for pair in PAIRS}
    made = [*editor.of_pairs(PAIRS), *editor.of_sentences(PAIRS)]
    assert {pair.evidence for pair in made} & set(groups)
    assert all(pair.group == groups.get(pair.evidence, pair.group) for pair in made)
    assert {pair.group for pair in made} <= set(groups.values())


def test_a_claim_never_gets_the_evidence_of_its_own_group() -> None:
    groups = {pair.evidence: pair.group for pair in PAIRS}
    found = list(other_evidence(random.Random(2), PAIRS, len(PAIRS)))
    assert len(found) == len(PAIRS)
    assert all(groups[pair.evidence] != pair.group for pair in found)
    assert {pair.allowed for pair in found} == {UNKNOWN}


def test_a_claim_gets_no_evidence_of_another_set_and_none_where_all_is_of_its_group() -> None:
    pairs = [town(1, "frank"), town(2, "boolq"), town(12, "boolq")]
    assert list(other_evidence(random.Random(3), pairs, 3)) == []


def test_the_other_evidence_is_the_one_that_shares_most_words() -> None:
    wanted = Pair("The oak bridge of Harlow", "...", SUPPORTED, "frank", "frank/a")
    near = Pair("-", "the bridge of Bremen", SUPPORTED, "frank", "frank/b")
    far = Pair("-", "a recipe for soup", SUPPORTED, "frank", "frank/c")
    found = list(other_evidence(random.Random(4), [wanted, near, far], 3))
    assert next(pair.evidence for pair in found if pair.claim == wanted.claim) == near.evidence


def test_edited_pairs_are_the_same_for_a_seed() -> None:
    def made() -> list[Pair]:
        editor = Editor(random.Random(5), PAIRS, {"bridges": ["tunnels"]})
        return [*editor.of_pairs(PAIRS), *editor.of_sentences(PAIRS)]

    assert made() == made()
    assert {pair.source.partition("+")[2] for pair in made()} >= {"number", "shorter"}


def test_an_edit_that_breaks_never_makes_what_the_evidence_says() -> None:
    editor = Editor(random.Random(6), PAIRS, {})
    made = [*editor.of_pairs(PAIRS), *editor.of_sentences(PAIRS)]
    broken = [pair for pair in made if not pair.allowed & SUPPORTED and not pair.source.endswith("removed")]
    assert broken
    assert all(pair.claim not in pair.evidence for pair in broken)


def test_only_supported_pairs_are_edited() -> None:
    refuted = [Pair(pair.claim, pair.evidence, REFUTED, "infotabs", pair.group) for pair in PAIRS]
    assert list(Editor(random.Random(7), refuted, {}).of_pairs(refuted)) == []
