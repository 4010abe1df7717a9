"""What an edit is: a supported claim changed so that its label is known. Pure, with the randomness as an argument."""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edited:
    """A changed claim and the classes that are right for it (bits of `training.pairs`)."""

    claim: str
    allowed: int
    kind: str


Edit = Callable[[random.Random, str, str], Edited | None]
"""(randomness, claim, evidence) to the edited claim, or None where the edit does not apply."""


def put(text: str, match: re.Match[str], new: str) -> str:
    """`text` with `new` in the place of a match."""
    return text[: match.start()] + new + text[match.end() :]


def put_word(text: str, match: re.Match[str], new: str) -> str:
    """The same, capitalised as the word was."""
    return put(text, match, new[:1].upper() + new[1:] if match.group()[:1].isupper() else new)
