"""The log of a training run: JSON Lines, written as it happens, kept whether the run succeeds or not."""

import json
import time
from pathlib import Path
from typing import Any


class RunLog:
    """Appends lines with the seconds since the start, and prints them."""

    def __init__(self, path: Path, header: dict[str, Any]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._start = time.monotonic()
        self.write(started=time.strftime("%Y-%m-%d %H:%M:%S"), **{k: str(v) for k, v in header.items()})

    def write(self, **values: Any) -> None:
        """One line."""
        line = json.dumps({"s": round(time.monotonic() - self._start), **values})
        with self._path.open("a") as lines:
            lines.write(line + "\n")
        print(line, flush=True)
