"""Figures out of measurements, and how they are printed. Pure, but for `print_run`."""

import datetime
import importlib.metadata
import os
import platform
import statistics
from collections.abc import Sequence

VERSIONS = ("mcp", "starlette", "uvicorn", "pydantic")


def ratio(ours: Sequence[float], floor: Sequence[float], digits: int = 2) -> str:
    """Ours over the floor: the median of the ratios of all rounds, with the least and the greatest."""
    each = [a / b for a, b in zip(ours, floor, strict=True)]
    return f"{statistics.median(each):.{digits}f} ({min(each):.{digits}f}-{max(each):.{digits}f})"


def median(values: Sequence[float], digits: int = 2) -> str:
    return f"{statistics.median(values):,.{digits}f}"


def percentile(values: Sequence[float], hundredths: int) -> float:
    """The smallest value that at least so many hundredths of `values` do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * hundredths // 100) - 1)]


def table(rows: Sequence[Sequence[str]]) -> str:
    """`rows`, the first of them the headings, as lines of aligned columns: text to the left, figures to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def print_run(title: str) -> None:
    """Says what is measured, when, on what machine and with which versions."""
    versions = " ".join(f"{name} {importlib.metadata.version(name)}" for name in VERSIONS)
    today = datetime.datetime.now(datetime.UTC).date()
    print(f"{title}\n{'=' * len(title)}")
    print(f"{today}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}, load {_load()}")
    print(f"Python {platform.python_version()}, {versions}, uvicorn with httptools on asyncio\n")


def _load() -> str:
    """Processes that ran or waited to run over the last minute: how busy others keep the machine."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
