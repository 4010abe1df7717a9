"""Puts the figures of a run of `make eval` into the model card, between its two marks.

python -m training.evaluation --markdown build/figures.md
python -m training.evaluation.card build/figures.md inference/judges/cross_encoder/weights/MODEL_CARD.md
"""

import sys
from pathlib import Path

START, END = "<!-- figures: make eval -->", "<!-- end of figures -->"


def with_figures(card: str, figures: str) -> str:
    """`card` with what stands between its marks replaced. Raises ValueError if a mark is missing."""
    before, start, rest = card.partition(START)
    _, end, after = rest.partition(END)
    if not (start and end):
        raise ValueError(f"the card lacks {START} or {END}")
    return f"{before}{START}\n\n{figures.strip()}\n\n{END}{after}"


def main(figures: Path, card: Path) -> None:
    card.write_text(with_figures(card.read_text(encoding="utf-8"), figures.read_text(encoding="utf-8")), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
