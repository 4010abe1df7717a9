"""`python -m training.evaluation`, which is `make eval`: measures the judge through a real server on labelled data.

Exit code 0 if every request got a verdict or there is no data, 1 if one did not, 2 for options that make no sense.
"""

import argparse
import asyncio
import contextlib
import shlex
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.running import touchstone
from training.evaluation.asking import Asked, ask
from training.evaluation.baselines import Baselines, learned_from
from training.evaluation.records import files_of, read, sample
from training.evaluation.report import Report
from training.evaluation.results import rows_of

REASONS_SHOWN_MAX = 5


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    available = files_of(options.data / "dev")
    if not available:
        print(f"There is no labelled data in {options.data / 'dev'}; name its folder with DATA=. Nothing was measured.")
        return 0
    chosen = options.sets or list(available)
    unknown = sorted(set(chosen) - set(available))
    if unknown:
        print(f"unknown sets: {', '.join(unknown)}; there are: {', '.join(available)}", file=sys.stderr)
        return 2
    _say("teaching the baselines")
    baselines = learned_from(options.data / "train")
    with _server(options) as url:
        report, failures = _measured(url, {name: available[name] for name in chosen}, baselines, options)
    print(report.text(), end="")
    _write(options.markdown, report.markdown())
    _write(options.json, report.json())
    for reason, times in failures.most_common(REASONS_SHOWN_MAX):
        _say(f"failed {times} times: {reason}")
    return 1 if failures else 0


def _measured(
    url: str, files: dict[str, Path], baselines: Baselines, options: argparse.Namespace
) -> tuple[Report, Counter[str]]:
    """The report, and how often which failure happened."""
    sets, judges, failures = [], set[str](), Counter[str]()
    for name, path in files.items():
        started = time.perf_counter()
        asked: Asked = asyncio.run(ask(url, sample(read(path), options.limit), options.concurrency))
        sets.append(rows_of(name, asked, baselines))
        judges.update(answer.judge for answer in asked.answers)
        failures.update(failure.reason for failure in asked.failures)
        _say(f"{name}: {len(asked.answers)} answered, {time.perf_counter() - started:.0f} s")
    return Report(" and ".join(sorted(judges)) or "unknown", options.limit, options.concurrency, sets), failures


@contextlib.contextmanager
def _server(options: argparse.Namespace) -> Iterator[str]:
    """The address of the server to ask: the one that was named, or one of our own."""
    if options.url:
        yield options.url
        return
    with touchstone(*options.serve_args) as server:
        yield f"http://127.0.0.1:{server.port}"


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m training.evaluation", description="Measure the judge.")
    parser.add_argument("--data", type=Path, required=True, help="folder with dev/ and train/")
    parser.add_argument("--sets", type=_names, help="sets of dev/, comma-separated; all of them")
    parser.add_argument("--limit", type=_count, default=400, help="records of each set at most, 0 for all; %(default)s")
    parser.add_argument("--concurrency", type=_positive, default=2, help="requests at once; %(default)s")
    parser.add_argument("--url", help="address of a running server, instead of one started for this")
    parser.add_argument(
        "--serve-args", type=shlex.split, default=[], help='flags for the server started: --serve-args="--flag value"'
    )
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the tables as Markdown too")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures as JSON too")
    return parser.parse_args(arguments)


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _count(text: str) -> int:
    return _at_least(0, text)


def _positive(text: str) -> int:
    return _at_least(1, text)


def _at_least(least: int, text: str) -> int:
    if not text.isdecimal() or int(text) < least:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from {least}")
    return int(text)


def _write(path: Path | None, content: str) -> None:
    if path is not None:
        path.write_text(content, encoding="utf-8")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
