"""Forms as they arrive: `multipart/form-data`, piece by piece (RFC 7578).

A part is handed on while it comes in, so a file of any size costs no more memory than a piece of it. Parts come in the
order in which the client sends them. How many bytes a part may have is for whoever reads it to say; how many there may
be in all, and for how long the client may be silent, `server/http/body.py` says.
"""

from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import Enum

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect, Request

from inference.errors import BadInput, TooLarge

PARTS_MAX = 64
"""In one form. The endpoints here know four fields."""

HEADERS_MAX = 16
HEADER_BYTES_MAX = 8 * 1024
"""Of one part: lines, and bytes in a line, which holds the name of the file."""

FIELD_BYTES_MAX = 4 * 1024
"""In a field that is no file."""

FORM_BYTES_MAX = 1024 * 1024
"""That a form may have beside the bytes of its file: boundaries, headers, fields."""

BOUNDARY_BYTES_MAX = 256
"""RFC 2046 allows 70; the parser takes as many as this."""

_FORM = "multipart/form-data"


class _Mark(Enum):
    BEGIN = 1
    END = 2


class FormPart:
    """One part of a form. It is read, or passed over, before the next one."""

    def __init__(self, form: "Form", name: str, filename: str | None) -> None:
        self.name = name
        self.filename = filename
        """None for a field that is no file."""
        self._form = form

    async def pieces(self, bytes_max: int, over: str) -> AsyncIterator[bytes]:
        """The bytes as they come. Raises TooLarge with the message `over` for more than `bytes_max`, BadInput for what
        is no form, and ClientDisconnect."""
        size = 0
        while (piece := await self._form.piece()) is not None:
            size += len(piece)
            if size > bytes_max:
                raise TooLarge(over, self.name)
            yield piece

    async def text(self) -> str:
        """The whole part as text. Raises as `pieces`, and BadInput for what is no UTF-8."""
        over = f"{self.name}: over the limit of {FIELD_BYTES_MAX:,} bytes"
        content = b"".join([piece async for piece in self.pieces(FIELD_BYTES_MAX, over)])
        try:
            return content.decode()
        except UnicodeDecodeError:
            raise BadInput(f"{self.name}: this is no text in UTF-8", self.name) from None


@dataclass(slots=True)
class _Header:
    name: bytes = b""
    value: bytes = b""


class Form:
    """The form that a request carries."""

    def __init__(self, request: Request) -> None:
        """Raises BadInput if the request says that it carries none."""
        self._receive = request.receive
        self._came: deque[bytes | _Mark] = deque()
        self._header = _Header()
        self._disposition = b""
        self._dispositions: deque[bytes] = deque()
        self._parts = 0
        self._ended = self._complete = False
        self._parser = MultipartParser(
            _boundary(request),
            {
                "on_part_begin": self._part_begins,
                "on_header_begin": self._header_begins,
                "on_header_field": self._header_name,
                "on_header_value": self._header_value,
                "on_header_end": self._header_ends,
                "on_headers_finished": self._headers_end,
                "on_part_data": self._data,
                "on_part_end": lambda: self._came.append(_Mark.END),
                "on_end": self._form_ends,
            },
            max_header_count=HEADERS_MAX,
            max_header_size=HEADER_BYTES_MAX,
        )

    async def parts(self) -> AsyncIterator[FormPart]:
        """The parts as they come. Raises BadInput for what is no form, and ClientDisconnect."""
        while (mark := await self._next()) is not None:
            if mark is _Mark.BEGIN:  # else it is of a part that nobody wanted to read to its end
                yield FormPart(self, *_named(self._dispositions.popleft()))
        if not self._ended:
            raise BadInput("the form breaks off before its last boundary; send it again, whole")

    async def piece(self) -> bytes | None:
        """What comes next of the part that is read; None at its end."""
        came = await self._next()
        if came is None:
            raise BadInput("the form breaks off in the middle of a part; send it again, whole")
        return came if isinstance(came, bytes) else None

    async def _next(self) -> bytes | _Mark | None:
        while not self._came:
            if self._complete:
                return None
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            self._complete = not message.get("more_body", False)
            self._parse(message.get("body", b""))
        return self._came.popleft()

    def _parse(self, body: bytes) -> None:
        try:
            self._parser.write(body)
        except FormParserError as error:
            raise BadInput(f"the form cannot be read as {_FORM}: {str(error)[:200]}") from None

    def _part_begins(self) -> None:
        self._parts += 1
        if self._parts > PARTS_MAX:
            raise TooLarge(f"the form has more than {PARTS_MAX} parts")
        self._disposition = b""

    def _header_begins(self) -> None:
        self._header = _Header()

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._header.name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._header.value += data[start:end]

    def _header_ends(self) -> None:
        if self._header.name.lower() == b"content-disposition":
            self._disposition = self._header.value

    def _headers_end(self) -> None:
        self._dispositions.append(self._disposition)
        self._came.append(_Mark.BEGIN)

    def _data(self, data: bytes, start: int, end: int) -> None:
        self._came.append(data[start:end])

    def _form_ends(self) -> None:
        self._ended = True


def _boundary(request: Request) -> bytes:
    if (coding := request.headers.get("content-encoding", "identity").lower()) != "identity":
        raise BadInput(f"the form has content-encoding {coding[:40]!r}; send it as it is, not compressed")
    sent = request.headers.get("content-type", "")
    kind, options = parse_options_header(sent)
    if kind.decode("latin-1") != _FORM:
        said = f"content-type {sent[:100]!r}" if sent else "no content-type"
        raise BadInput(f"send the file as {_FORM}, as curl does with -F; the request has {said}")
    if not (boundary := options.get(b"boundary", b"")) or len(boundary) > BOUNDARY_BYTES_MAX:
        raise BadInput(
            f"the content-type {_FORM} has no boundary of 1 to {BOUNDARY_BYTES_MAX} characters; let the client write "
            "this header by itself"
        )
    return boundary


def _named(disposition: bytes) -> tuple[str, str | None]:
    """Name of the field, and of the file if it is one."""
    kind, options = parse_options_header(disposition)
    name = options.get(b"name")
    if kind != b"form-data" or name is None:
        raise BadInput("a part of the form has no name; each needs 'content-disposition: form-data; name=\"...\"'")
    filename = options.get(b"filename")
    return name.decode(errors="replace"), None if filename is None else filename.decode(errors="replace")
