"""How large a request may be under a plan: what it sends, and what it may have written. Pure decisions for all doors.

What is sent (`asked_text.py`) is held to `context_tokens`. No token is shorter than a byte, so a text with no more
bytes than that fits without being counted; only what has more need be. What may be written (`asked_output.py`) is held
to `output_tokens`: all answers of a request together, so that asking for several (`n`, a list of prompts) is no way
around it.

Numbers of tokens are whoever's calls this: an engine's own count, that of words and marks for a verification, or the
estimate, of which the messages say "about".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from inference.errors import BadInput, ContextTooLong
from server.accounts.asked_fields import ANSWERS, COMPLETIONS, EMBEDDINGS, OF_OUTPUT
from server.accounts.asked_output import Output, answers_asked, name_for
from server.accounts.asked_text import field_of, text_of

BYTES_PER_TOKEN_MAX = 32
"""On average, of any text that people write. One that would need more to fit is refused without being counted: else
megabytes of spaces cost an engine seconds."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """The sizes that a plan allows to requests for one model. None: any."""

    plan: str
    model: str
    context_tokens: int | None
    output_tokens: int | None

    def fits(self, size: int) -> bool:
        """Whether a text of this many bytes, characters or tokens fits, however it is cut into tokens."""
        return self.context_tokens is None or size <= self.context_tokens

    def is_hopeless(self, size: int) -> bool:
        """Whether a text of this many bytes is too long, however it is cut into tokens."""
        return self.context_tokens is not None and size > self.context_tokens * BYTES_PER_TOKEN_MAX

    def check_context(self, tokens: int, param: str, *, about: bool = False) -> None:
        """Raises ContextTooLong if `tokens`, counted or `about` so many, are too many."""
        if self.context_tokens is None or tokens <= self.context_tokens:
            return
        raise ContextTooLong(
            f"The request sends {'about ' if about else ''}{tokens:,} tokens of text; the plan {self.plan!r} of this "
            f"key allows {self.context_tokens:,} in a request to {self.model!r} (context_tokens). Send less, or ask "
            "whoever runs this server for another plan.",
            param,
        )

    def check_estimate(self, path: str, asked: Mapping[str, Any]) -> None:
        """Raises ContextTooLong if the text of `asked` is too long by the estimate, where nobody counts."""
        text = text_of(path, asked)
        if not self.fits(text.size):
            self.check_context(text.estimate, field_of(path), about=not text.is_tokens)

    def output_of(self, path: str, asked: Mapping[str, Any]) -> Output | None:
        """What the request `asked` may write; None if that is left to the engine.

        Raises BadInput if it asks for more than the plan allows.
        """
        if self.output_tokens is None or path == EMBEDDINGS:
            return None
        self._check_answers(asked)
        answers = answers_asked(path, asked)
        least, most = 0 if path == COMPLETIONS else 1, self.output_tokens // answers
        told = {name: asked[name] for name in OF_OUTPUT if asked.get(name) is not None}
        for name, value in told.items():
            if type(value) is not int or not least <= value <= most:  # what is none may be without a limit to an engine
                self._refuse_output(name, value, answers, most)
        if most < least or (most < 1 and not told):
            self._refuse_output(name_for(path, ""), None, answers, most)
        return Output(most, told)

    def _check_answers(self, asked: Mapping[str, Any]) -> None:
        """Engines take "3" and 3.0 for numbers too."""
        for name in ANSWERS:
            if (value := asked.get(name)) is not None and type(value) is not int:
                raise BadInput(
                    f"{name}: {value!r:.40} is no whole number, so it cannot be held to what the plan {self.plan!r} of "
                    "this key allows (output_tokens).",
                    name,
                )

    def _refuse_output(self, name: str, value: object, answers: int, most: int) -> None:
        each = f", {most:,} for each of {answers:,} answers" if answers > 1 else ""
        shown = "not given" if value is None else f"{value!r:.40}"
        raise BadInput(
            f"{name}: {shown}; the plan {self.plan!r} of this key allows {self.output_tokens:,} tokens of output in a "
            f"request to {self.model!r}{each} (output_tokens). Send a whole number within that, or ask whoever runs "
            "this server for another plan.",
            name,
        )
