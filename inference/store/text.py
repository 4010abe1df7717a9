"""Text as a column keeps it: any string that a program can hold, on every database alike."""

from sqlalchemy import Dialect
from sqlalchemy import Text as PlainText
from sqlalchemy.types import TypeDecorator


class Text(TypeDecorator[str]):
    """Text. A NUL, which PostgreSQL refuses, and half a surrogate pair, which is no text, are kept as U+FFFD.

    So an id or a name with one of them is one that nobody has, and no error of the database.
    """

    impl = PlainText
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        if not value.isascii():
            value = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return value.replace("\0", "\ufffd")
