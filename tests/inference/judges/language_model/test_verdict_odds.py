"""The odds of a verdict do not depend on how the tokenizer cuts it, nor on how the labels are spelled."""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.engine.language_model import ChosenToken
from inference.judges.language_model.verdict_odds import label_odds, likeliest
from inference.verdict import Label

LABELS = tuple(label.value for label in Label)
BEFORE, AFTER = '{"claims":[{"claim":1,"statement":"Zoë is 3.","verdict":"', '"}]}'

shares = st.tuples(*(st.floats(0.01, 1) for _ in LABELS)).map(
    lambda parts: {label: part / sum(parts) for label, part in zip(LABELS, parts, strict=True)}
)
noise = st.lists(st.sampled_from(["\n", "}", "yes", "true", "un", "9", "{", "unsupported", "<|im_end|>"]), max_size=4)


def token(text: str, odds: Mapping[str, float]) -> ChosenToken:
    return ChosenToken(text.encode(), tuple((other.encode(), math.log(chance)) for other, chance in odds.items()))


def certain(text: str) -> ChosenToken:
    return token(text, {text: 1.0})


def odds_of(tokens: Sequence[ChosenToken], labels: Sequence[str] = LABELS) -> Mapping[str, float] | None:
    text = b"".join(each.text for each in tokens)
    return label_odds(tokens, text, len(BEFORE.encode()), labels)


@given(st.sampled_from(LABELS), shares, st.integers(0, 12), st.integers(1, 20), st.sets(st.integers(1, 60)))
def test_wherever_the_tokens_are_cut(
    written: str, expected: dict[str, float], early: int, late: int, cuts: set[int]
) -> None:
    """The deciding token begins `early` characters before the label and ends at most `late` into it."""
    start = len(BEFORE) - early
    ahead = BEFORE[start:]
    spelled = {ahead + label[:late]: chance for label, chance in expected.items()}
    rest = written[late:] + AFTER
    tokens = [
        *pieces(BEFORE[:start], cuts),
        token(ahead + written[:late], spelled),
        *pieces(rest, cuts),
    ]
    assert odds_of(tokens) == pytest.approx(expected)


def pieces(text: str, cuts: set[int]) -> list[ChosenToken]:
    bounds = [0, *sorted(cut for cut in cuts if cut < len(text)), len(text)]
    return [certain(text[a:b]) for a, b in pairwise(bounds) if a < b]


@given(st.sampled_from(LABELS), shares, st.data())
def test_all_spellings_of_a_label_are_one(written: str, expected: dict[str, float], data: st.DataObject) -> None:
    spelled: dict[str, float] = {}
    for label, chance in expected.items():
        forms = [label, label.capitalize(), label.upper(), f" {label}", f"**{label}", f'"{label}', label[:3], label[:1]]
        chosen = data.draw(st.lists(st.sampled_from(forms), min_size=1, unique=True))
        if label == written and written not in chosen:
            chosen.append(written)
        for form in chosen:
            spelled[form] = spelled.get(form, 0.0) + chance / len(chosen)
    assert odds_of([certain(BEFORE), token(written, spelled), certain(AFTER)]) == pytest.approx(expected)


@given(st.sampled_from(LABELS), shares, noise, st.floats(0.01, 0.9))
def test_what_says_no_label_is_left_out(
    written: str, expected: dict[str, float], others: list[str], mass: float
) -> None:
    spelled = {label: chance * (1 - mass) for label, chance in expected.items()}
    spelled |= {other: mass / len(others) for other in others}
    assert odds_of([certain(BEFORE), token(written, spelled), certain(AFTER)]) == pytest.approx(expected)


def test_the_quote_mark_may_be_one_token_with_the_label() -> None:
    """Half of the mass lies on tokens that hold quote and label, the other half on the quote alone."""
    before = token('"', {'"': 0.5, '"ref': 0.4, '"sup': 0.1})
    label = token("sup", {"sup": 0.6, "ref": 0.4})
    odds = odds_of([certain(BEFORE[:-1]), before, label, certain("ported" + AFTER)])
    assert odds == pytest.approx({"supported": 0.1 + 0.5 * 0.6, "refuted": 0.4 + 0.5 * 0.4, "not_enough_evidence": 0})


def test_labels_that_begin_alike_are_told_apart_where_they_part() -> None:
    labels = ("not_supported", "not_enough", "supported")
    first = token("not", {"not": 0.8, "supported": 0.2})
    second = token("_sup", {"_sup": 0.25, "_en": 0.75})
    odds = odds_of([certain(BEFORE), first, second, certain("ported" + AFTER)], labels)
    assert odds == pytest.approx({"not_supported": 0.2, "not_enough": 0.6, "supported": 0.2})


def test_a_label_that_is_the_beginning_of_another_is_its_own_where_it_ends() -> None:
    ends = token('"', {'"': 0.7, "_in_part": 0.3})
    tokens = [certain(BEFORE), token("supported", {"supported": 1.0}), ends, certain(AFTER[1:])]
    odds = odds_of(tokens, ("supported", "supported_in_part"))
    assert odds == pytest.approx({"supported": 0.7, "supported_in_part": 0.3})


def test_tokens_that_say_nothing_of_a_label_give_no_odds() -> None:
    assert odds_of([certain(BEFORE), token("supported", {"maybe": 1.0}), certain(AFTER)]) is None
    assert label_odds([], b"", 0, LABELS) is None


def test_of_equals_the_one_that_is_written_is_the_likeliest() -> None:
    assert likeliest({"a": 0.5, "b": 0.5}, "b") == "b"
    assert likeliest({"a": 0.6, "b": 0.4}, "b") == "a"
