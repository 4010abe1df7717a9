"""A language model that says what it was told: for tests of what asks a model, and for trying it without one."""

import json
from collections.abc import Callable, Sequence

from inference.engine.language_model import Ask, ModelAnswer, Turn
from inference.errors import TouchstoneError
from inference.verdict import Tokens

ScriptedAnswer = str | ModelAnswer | TouchstoneError
"""A text, a whole answer, or an error that is raised."""


SPENT = Tokens(10, 5)  # for each answer, unless told otherwise


class ScriptedLanguageModel:
    """Gives `answers` in turn, or what the function `answers` makes of an ask. The asks are kept in `asked`.

    Asked more often than there are answers, it fails: a test has to know how often its model is asked.
    """

    name = "scripted"

    def __init__(
        self,
        answers: Sequence[ScriptedAnswer] | Callable[[Ask], ScriptedAnswer],
        spent: Tokens = SPENT,
        context_tokens: int = 8_192,
    ) -> None:
        self._answers = answers
        self._spent = spent
        self._context_tokens = context_tokens
        self.asked: list[Ask] = []

    async def answer(self, ask: Ask) -> ModelAnswer:
        self.asked.append(ask)
        said = self._answers(ask) if callable(self._answers) else self._answers[len(self.asked) - 1]
        if isinstance(said, TouchstoneError):
            raise said
        return said if isinstance(said, ModelAnswer) else ModelAnswer(said, True, (), self._spent)

    async def context_tokens(self) -> int:
        return self._context_tokens

    async def count_tokens(self, turns: tuple[Turn, ...]) -> int:
        """As many as there are bytes: never too few."""
        return sum(len(json.dumps([turn.role, turn.content])) for turn in turns)

    async def check(self) -> None:
        return
