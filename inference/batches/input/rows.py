"""Cuts a file that comes in chunks into its lines, wherever the chunks are cut."""

BOM = b"\xef\xbb\xbf"
"""What some editors put in front of UTF-8. It is no part of the first line."""


class Rows:
    """The lines of one file, without their line feeds. Holds no more of it than the line that is not at its end yet."""

    def __init__(self, row_bytes_max: int) -> None:
        """Of a line that is longer than `row_bytes_max` one byte more is kept, which shows that it is too long."""
        self.bom_bytes = 0
        """Bytes before the first line, known once there is one."""
        self._row_bytes_max = row_bytes_max
        self._is_first = True
        self._open = bytearray()

    def feed(self, chunk: bytes) -> list[bytes]:
        """The lines that end in `chunk`."""
        rows = chunk.split(b"\n")
        last = rows.pop()
        if rows and self._open:
            self._keep(rows[0])
            rows[0] = bytes(self._open)
            self._open = bytearray()
        self._keep(last)
        return self._without_bom(rows)

    def finish(self) -> list[bytes]:
        """The line after the last line feed, if there is one."""
        rows = [bytes(self._open)] if self._open else []
        self._open = bytearray()
        return self._without_bom(rows)

    def _keep(self, piece: bytes) -> None:
        self._open += piece[: self._row_bytes_max + 1 - len(self._open)]

    def _without_bom(self, rows: list[bytes]) -> list[bytes]:
        if rows and self._is_first:
            self._is_first = False
            if rows[0].startswith(BOM):
                self.bom_bytes = len(BOM)
                rows[0] = rows[0][len(BOM) :]
        return rows
