"""What is found out about texts, kept for the next time: they come again, and so do their sentences and words.

Bounded in number and in length. A text under test may hold "words" of a million characters, no two the same, and none
of these is worth its memory.
"""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, TypeVar, cast

FindT = TypeVar("FindT", bound=Callable[..., Any])


def kept(number: int, chars_max: int) -> Callable[[FindT], FindT]:
    """Keeps the last `number` results of a pure function of one or more texts, but for those of a text with more than
    `chars_max` characters, which is read anew each time."""

    def keeping(find: FindT) -> FindT:
        again = lru_cache(maxsize=number)(find)

        @wraps(find)
        def found(*texts: str) -> object:
            for text in texts:
                if len(text) > chars_max:
                    return find(*texts)
            return again(*texts)

        return cast("FindT", found)

    return keeping
