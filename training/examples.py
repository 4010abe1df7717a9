"""Prepared pairs as they lie in the files of `prepare`: word pieces, token types and what the label allows."""

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Example:
    """One prepared pair. `pieces` and `types` are of one length; `allowed` holds bits of `training.pairs`."""

    pieces: tuple[int, ...]
    types: tuple[int, ...]
    allowed: int
    source: str


def load_examples(path: Path) -> list[Example]:
    """The examples of one prepared file."""
    with path.open(encoding="utf-8") as lines:
        return [
            Example(tuple(r["pieces"]), tuple(r["types"]), r["allowed"], r["source"]) for r in map(json.loads, lines)
        ]
