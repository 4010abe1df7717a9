"""What the driver of a Ray cluster and whoever starts it agree on: how long it may take, and how it tells what happens.

An event is a line of JSON, among what Ray writes.
"""

import json
from typing import Any

PREFIX = "touchstone-ray: "

TEXT_CHARS_MAX = 500
"""Of a value. A line is cut at 1000 characters on its way (`inference/engine/child/log_lines.py`)."""

CONNECT_TIMEOUT_S = 30.0
"""For the cluster to take us in."""

STOP_S = 6.0
"""For the actors to keep what was answered: a worker takes 5 s at the most."""

READY = "ray_ready"
REFUSED = "ray_refused"


def written(action: str, about: dict[str, Any]) -> str:
    """The line for an event."""
    short = {name: value if isinstance(value, int) else str(value)[:TEXT_CHARS_MAX] for name, value in about.items()}
    return PREFIX + json.dumps([action, short], ensure_ascii=False)


def read(line: str) -> tuple[str, dict[str, Any]] | None:
    """The event in a line; None if the line is not ours."""
    if not line.startswith(PREFIX):
        return None
    try:
        action, about = json.loads(line.removeprefix(PREFIX))
    except ValueError:  # cut, since it was too long
        return None
    return action, about
