"""A tiny data folder in the shape of the real one: records about towns that do not exist, in our own words."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.training.labelled import fields, write

FIRST = ("Har", "Bre", "Alt", "Wes", "Lor", "Kel", "Mar", "Oden", "Tru", "Vel")
LAST = ("low", "stead", "burg", "minster", "ford")
TOWNS = tuple(first + last for first in FIRST for last in LAST)
CRAFTS = ("glass", "paper", "rope", "pottery", "cheese")


def text_about(number: int) -> str:
    """Four sentences about a town, each with something to get wrong."""
    town, craft = TOWNS[number], CRAFTS[number % len(CRAFTS)]
    return (
        f"{town} is a market town with {2 * number + 11} bridges. It has been known for its {craft} since "
        f"{1700 + 3 * number}. The old mill, which stands by the river, was sold to Ada {FIRST[number % 7]}den in "
        f"{1850 + number}. Some streets were closed because of a flood in June."
    )


def claims_about(number: int) -> Iterator[tuple[str, bool]]:
    """What the text says, and what it does not: a claim, and whether it is unsupported."""
    town, craft = TOWNS[number], CRAFTS[number % len(CRAFTS)]
    yield f"{town} has {2 * number + 11} bridges.", False
    yield f"{town} has {2 * number + 14} bridges.", True
    yield f"{town} is known for its {craft}.", False
    yield f"{town} is known for its {CRAFTS[(number + 2) % len(CRAFTS)]}.", True


def records(name: str, numbers: range) -> list[dict[str, Any]]:
    """Four records about each town, as one set would hold them."""
    return [
        fields(
            id=f"{name}-{number}-{at}",
            response=claim,
            document=text_about(number),
            label=bad,
            group=TOWNS[number],
            subset="made",
        )
        for number in numbers
        for at, (claim, bad) in enumerate(claims_about(number))
    ]


TRAIN = {"infotabs": range(10, 23), "fever_dev": range(13), "frank": range(5, 18), "boolq": range(26, 39)}
DEV = {"infotabs": range(23, 26), "creak": range(39, 43), "frank": range(43, 47)}


def make_data(folder: Path) -> Path:
    """Four of the sets that the recipe learns from, three to calibrate on, about other towns.

    The hash of a group decides whether it is held out: of these towns some are.
    """
    for half, sets in (("train", TRAIN), ("dev", DEV)):
        for name, towns in sets.items():
            write(folder / half / f"{name}.jsonl.gz", *records(name, towns))
    return folder
