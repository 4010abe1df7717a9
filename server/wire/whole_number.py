"""Whole numbers as JSON has them."""

from typing import Annotated

from pydantic import BeforeValidator, StrictInt


def _whole(value: object) -> object:
    """JSON has one kind of number: 3600.0 is as whole as 3600."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


WholeNumber = Annotated[StrictInt, BeforeValidator(_whole)]
