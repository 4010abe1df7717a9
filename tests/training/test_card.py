"""The model card takes its figures from a run."""

import pytest

from training.evaluation.card import END, START, with_figures


def test_figures_stand_between_the_marks_and_nothing_else_changes() -> None:
    card = f"# Card\n\n{START}\n\nold\n\n{END}\n\nThe rest."
    assert with_figures(card, "| new |\n") == f"# Card\n\n{START}\n\n| new |\n\n{END}\n\nThe rest."


def test_a_card_without_marks_is_an_error() -> None:
    with pytest.raises(ValueError, match="lacks"):
        with_figures("# Card", "| new |")
