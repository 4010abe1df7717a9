"""How many of a ranked list fit into a model's room, found by counting whole asks and never by adding up. Pure but for
the counting."""

from collections.abc import Awaitable, Callable


async def most_that_fit(
    tokens_with: Callable[[int], Awaitable[int]], fewest: int, most: int, room: int
) -> tuple[int | None, int]:
    """The largest number from `fewest` to `most` whose tokens fit into `room`, and how many tokens those are.

    None if not even `fewest` fit, and how many tokens they take. Asks for a count at most 2 + log2(most) times.
    """
    tokens = await tokens_with(most)
    if tokens <= room:
        return most, tokens
    if most == fewest:
        return None, tokens
    tokens = await tokens_with(fewest)
    if tokens > room:
        return None, tokens
    fits, too_many = fewest, most
    while too_many - fits > 1:
        middle = (fits + too_many) // 2
        count = await tokens_with(middle)
        if count <= room:
            fits, tokens = middle, count
        else:
            too_many = middle
    return fits, tokens
