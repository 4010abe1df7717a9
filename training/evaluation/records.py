"""Labelled records: read from gzipped JSON Lines, and sampled so that a smaller sample is part of a larger one.

The fields are those of the data folder's README. `label` is true for a response that is unsupported or hallucinated;
`document` is null in closed-book sets. A line that is no such record is an error that names its place.
"""

import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inference.verdict import Label

SUFFIX = ".jsonl.gz"
NEUTRAL_PROMPT = "..."
"""Stands for an empty prompt. It has no word that a claim could take over: any instruction, such as "State a fact.",
ends up before a claim without a plain verb. A test holds it against the prompt that says nothing."""

_LABEL3 = {
    "supported": Label.SUPPORTED,
    "refuted": Label.REFUTED,
    "not_enough_info": Label.NOT_ENOUGH_EVIDENCE,
}


@dataclass(frozen=True, slots=True)
class Record:
    """A response with what people, or its making, say of it."""

    id: str
    prompt: str
    response: str
    document: str | None
    unsupported: bool
    label3: Label | None
    subset: str | None


def files_of(folder: Path) -> dict[str, Path]:
    """The data sets in `folder`, by name. Empty if there is no such folder."""
    return {path.name.removesuffix(SUFFIX): path for path in sorted(folder.glob(f"*{SUFFIX}"))}


def read(path: Path) -> list[Record]:
    """The records of one file, in its order. Raises ValueError naming the line that is none."""
    return list(_read(path))


def sample(records: Iterable[Record], limit: int) -> list[Record]:
    """`limit` of the records, the same whenever asked, in an order that only their ids decide; 0 is all of them."""
    ordered = sorted(records, key=lambda record: hashlib.sha256(record.id.encode()).digest())
    return ordered[: limit or None]


def _read(path: Path) -> Iterator[Record]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield _record(json.loads(line))
            except (KeyError, TypeError, ValueError) as error:
                raise ValueError(f"{path}, line {number} is no labelled record: {error!r}") from error


def _record(fields: dict[str, Any]) -> Record:
    if not isinstance(fields["label"], bool):
        raise TypeError("label has to be true or false")
    label3 = fields.get("label3")
    prompt = fields["prompt"] or ""
    return Record(
        id=fields["id"],
        prompt=prompt if prompt.strip() else NEUTRAL_PROMPT,
        response=fields["response"],
        document=fields["document"],
        unsupported=fields["label"],
        label3=None if label3 is None else _LABEL3[label3],
        subset=fields.get("subset"),
    )
