"""The form of `POST /v1/files`: a file and what it is for, in any order.

The file goes to the blobs while it comes in. What is wrong with a field before it is said before the file is read.
"""

from starlette.requests import Request

from inference.errors import BadInput
from inference.files.file import File, Part
from server.http.multipart import Form, FormPart
from tools.files import Files, checked_expiry, checked_filename, checked_purpose

_ANCHOR = "expires_after[anchor]"
_SECONDS = "expires_after[seconds]"
_FIELDS = frozenset({"purpose", _ANCHOR, _SECONDS})
_EXPIRY = "expires_after"


class FileForm:
    """What has come of a form so far."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._fields: dict[str, str] = {}
        self._filename = ""
        self.part: Part | None = None
        """The file's bytes, once they have come."""

    async def read(self, request: Request) -> None:
        """Reads the form. Raises BadInput, TooLarge, BodyTimeout, ClientDisconnect, and what the storage raises."""
        async for part in Form(request).parts():
            if part.name == "file":
                await self._take_file(part)
            elif part.filename is not None:
                raise BadInput(f"the file stands in the field {part.name[:100]!r}; send it in 'file'", part.name[:100])
            elif part.name in _FIELDS:
                await self._take_field(part)
            elif part.name.startswith(_EXPIRY):  # else the file would be kept for good, whoever wanted it gone
                raise BadInput(f"{part.name[:100]}: send the fields {_ANCHOR} and {_SECONDS}", _EXPIRY)
            # Others are passed over, as unknown fields of JSON objects are.

    async def _take_file(self, part: FormPart) -> None:
        if self.part is not None:
            raise BadInput("the form holds two files; send one a request", "file")
        if part.filename is None:
            raise BadInput("file: this is a text and no file; with curl, write -F file=@NAME", "file")
        self._filename = checked_filename(part.filename)
        self.part = await self._files.take_in(part.pieces(self._files.bytes_max, self._files.over))

    async def _take_field(self, part: FormPart) -> None:
        if part.name in self._fields:
            raise BadInput(f"{part.name}: given twice; give it once", part.name)
        self._fields[part.name] = await part.text()
        if part.name == "purpose":
            checked_purpose(self._fields["purpose"])

    def file(self, owner: str) -> tuple[File, Part]:
        """The file that the form describes. Raises BadInput for what is missing or wrong."""
        if self.part is None:
            raise BadInput("the form holds no file; send it in the field 'file'", "file")
        if "purpose" not in self._fields:
            raise BadInput('purpose is required: send a field of that name, such as "batch"', "purpose")
        file = self._files.describe(
            owner,
            self.part,
            filename=self._filename,
            purpose=self._fields["purpose"],
            expires_after_s=self._expires_after_s(),
        )
        return file, self.part

    def _expires_after_s(self) -> int | None:
        anchor, seconds = self._fields.get(_ANCHOR), self._fields.get(_SECONDS)
        if anchor is None and seconds is None:
            return None
        if anchor != "created_at":
            raise BadInput(f'{_ANCHOR} has to be "created_at"', _EXPIRY)
        if seconds is None or not (seconds.isascii() and seconds.isdecimal() and len(seconds) <= _DIGITS_MAX):
            raise BadInput(f"{_SECONDS} has to be a whole number of seconds", _EXPIRY)
        return checked_expiry(int(seconds))


_DIGITS_MAX = 10
