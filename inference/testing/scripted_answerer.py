"""Answers the lines of a batch without a model, at once: for tests, and for trying batches out."""

from collections import Counter
from collections.abc import Callable

import orjson

from inference.batches.batch import Batch
from inference.batches.line import Line, LineAnswer
from inference.usage.token_usage import TokenUsage


def echo(line: Line) -> LineAnswer:
    """The request's own body as the answer."""
    return LineAnswer(200, orjson.dumps({"echo": line.body}), "req_echo", TokenUsage(input=2, output=1))


class ScriptedAnswerer:
    """Answers what `script` says. `asked` counts how often each custom_id was asked."""

    def __init__(self, script: Callable[[Line], LineAnswer] = echo) -> None:
        self._script = script
        self.asked: Counter[str] = Counter()

    async def answer(self, batch: Batch, line: Line) -> LineAnswer:
        self.asked[line.custom_id] += 1
        return self._script(line)
