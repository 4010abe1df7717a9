"""What the model and the rules say of labelled records, before it is settled: what `calibrate` fits.

Goes the server's way: claims are cut, passages retrieved, sentences chosen, model and rules asked. One JSON line a
record: `set`, `unsupported`, and for each claim `model` (its log-odds), `near`
(a cosine), `rules` (their label) and `covered` (log-odds).
"""

import argparse
import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from inference.claims.extract import extract_claims
from inference.evidence.document import DocumentRetriever
from inference.judges.cross_encoder.calibration import covered_odds
from inference.judges.cross_encoder.judge import CrossEncoderJudge
from inference.judges.cross_encoder.model import ShippedModel
from inference.judges.cross_encoder.opinions import deciding_source, model_odds
from inference.judges.cross_encoder.reading import Reading
from tools.limits import Limits
from training.evaluation.records import Record, files_of, read, sample

LIMIT = 600  # records of a set


async def heard_of(
    judge: CrossEncoderJudge, records: list[Record]
) -> AsyncIterator[tuple[Record, list[dict[str, Any]]]]:
    """Each record that has a document, with a line for each of its claims."""
    for record in records:
        if record.document is None:
            continue
        retriever = DocumentRetriever(record.document)
        readings: dict[str, Reading] = {}
        lines = []
        for claim in extract_claims(record.prompt, record.response):
            heard = judge.hear(claim, await retriever.retrieve(claim.text, Limits().passages_per_claim), readings)
            if heard.excerpts:
                lines.append(
                    {
                        "model": model_odds(heard.said),
                        "near": heard.said[deciding_source(heard.said)].near,
                        "rules": heard.rules.label.value,
                        "covered": covered_odds(heard.rules),
                    }
                )
        await retriever.aclose()
        yield record, lines


async def _write(folder: Path, model: Path, out: Path, limit: int) -> None:
    judge = CrossEncoderJudge(ShippedModel(model))
    with out.open("w", encoding="utf-8") as lines:
        for name, path in files_of(folder).items():
            count = 0
            async for record, claims in heard_of(judge, sample(read(path), limit)):
                half = f"{name}/{record.subset}" if name == "frank" else name
                line = {"set": half, "unsupported": record.unsupported, "claims": claims}
                lines.write(json.dumps(line) + "\n")
                count += 1
            print(f"{count:6,} {name}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with dev/*.jsonl.gz")
    parser.add_argument("model", type=Path, help="folder that export has written")
    parser.add_argument("out", type=Path)
    parser.add_argument("--limit", type=int, default=LIMIT)
    given = parser.parse_args()
    asyncio.run(_write(given.data / "dev", given.model, given.out, given.limit))


if __name__ == "__main__":
    main()
