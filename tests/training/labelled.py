"""Makes labelled records and the gzipped files that hold them."""

import gzip
import json
from pathlib import Path
from typing import Any

from inference.verdict import Label
from training.evaluation.records import Record


def fields(**given: Any) -> dict[str, Any]:
    """A line of a data file: a supported statement about a tower, but for what is given."""
    return {
        "id": "tower-0",
        "task": "claim-evidence",
        "prompt": "",
        "response": "The tower is in Paris.",
        "document": "The tower is in Paris.",
        "label": False,
        "split": "dev",
        "source": "made here",
    } | given


def write(path: Path, *lines: dict[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)
    return path


def record(
    id: str = "tower-0",
    response: str = "The tower is in Paris.",
    document: str | None = "The tower is in Paris.",
    unsupported: bool = False,
    label3: Label | None = None,
    subset: str | None = None,
) -> Record:
    return Record(id, "...", response, document, unsupported, label3, subset)
