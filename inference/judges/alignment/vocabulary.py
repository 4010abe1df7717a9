"""Word lists as they are written in this package: one string, words between blanks."""


def word_list(text: str) -> tuple[str, ...]:
    """The words of a list, in order."""
    return tuple(text.split())


def word_set(text: str) -> frozenset[str]:
    """The words of a list, for looking up."""
    return frozenset(text.split())
