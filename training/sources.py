"""Reads the labelled sets, and makes of each record the pair that the server would judge.

A short answer is made into a claim with its question by the server's own `extract_claims`, so that training and serving
read the same. A response of several claims stays whole: its label does not say which of them fails. If it is
supported, each of its claims is a pair too.
"""

import gzip
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from inference.claims.extract import extract_claims
from training.pairs import LABEL_BITS, REFUTED, SUPPORTED, UNKNOWN, UNSUPPORTED, Pair

_REFUTING = {"fever_dev", "scifact"}  # their "unsupported" are the refuted of the original sets, read at fifty of each
_NEUTRAL_PROMPT = "State a fact."


def records(path: Path) -> Iterator[dict[str, Any]]:
    """The records of one gzipped JSON Lines file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def pairs_of(source: str, found: Iterable[dict[str, Any]]) -> Iterator[Pair]:
    """The pairs of one set. Records without evidence give none."""
    for record in found:
        if not record.get("document"):
            continue
        allowed = _allowed(source, record)
        group = f"{source}/{record.get('group') or record['document'][:80]}"
        whole = record["response"]
        claims = [claim.text for claim in extract_claims(record.get("prompt") or _NEUTRAL_PROMPT, whole)]
        if len(claims) == 1:
            text = claims[0] if record.get("prompt") else whole
            yield Pair(text, record["document"], allowed, source, group)
            continue
        yield Pair(whole, record["document"], allowed, source, group)
        if allowed == SUPPORTED:
            for claim in claims:
                yield Pair(claim, record["document"], allowed, source, group)


def labelled_pairs(folder: Path, names: Sequence[str]) -> dict[str, list[Pair]]:
    """The pairs of each named set that the folder has. Names the others; raises SystemExit if it has none."""
    there = [name for name in names if (folder / f"{name}.jsonl.gz").is_file()]
    if not there:
        raise SystemExit(f"{folder} has none of the sets to learn from: {', '.join(f'{n}.jsonl.gz' for n in names)}")
    if missing := [name for name in names if name not in there]:
        print(f"left out, since {folder} does not have them: {', '.join(missing)}")
    return {name: list(pairs_of(name, records(folder / f"{name}.jsonl.gz"))) for name in there}


def _allowed(source: str, record: dict[str, Any]) -> int:
    if record.get("label3"):
        return LABEL_BITS[record["label3"]]
    if not record["label"]:
        return SUPPORTED
    if source in _REFUTING or record["id"].endswith("-refute"):
        return REFUTED
    return UNKNOWN if record["id"].endswith("-irrelevant") else UNSUPPORTED
