"""What a caller asks to have verified, checked once at the door of the house."""

from dataclasses import dataclass

from inference.errors import BadInput, TooLarge
from tools.limits import Limits


@dataclass(frozen=True, slots=True)
class FieldNames:
    """How the caller's protocol names the three texts, so that an error speaks the caller's language."""

    prompt: str
    response: str
    document: str


REST_FIELDS = FieldNames("prompt", "output", "context")
MCP_FIELDS = FieldNames("prompt", "response", "documentContent")


@dataclass(frozen=True, slots=True)
class Question:
    """A response to verify.

    With a `document`, only the document counts. `material` is text that came with a conversation and counts beside
    the other evidence. It may be private, so no search query is made of it: `public_prompt` is the prompt without what
    is material, None if none of it is. With `correct`, the response is also rewritten so that only what the evidence
    supports remains.
    """

    prompt: str
    response: str
    document: str | None = None
    material: str = ""
    public_prompt: str | None = None
    correct: bool = False

    def prompt_without_material(self) -> str:
        return self.prompt if self.public_prompt is None else self.public_prompt


def check_question(question: Question, limits: Limits, fields: FieldNames) -> None:
    """Raises BadInput or TooLarge for what cannot be verified as it stands."""
    check_text(question.prompt, fields.prompt, limits.prompt_chars_max, "prompt_chars_max")
    check_text(question.response, fields.response, limits.response_chars_max, "response_chars_max")
    if question.document is not None:
        check_text(question.document, fields.document, limits.document_chars_max, "document_chars_max")


def check_text(text: str, param: str, chars_max: int, setting: str) -> None:
    """Raises BadInput if `text` is blank or no valid Unicode, TooLarge if it is over the limit that `setting` moves."""
    if len(text) > chars_max:
        raise TooLarge(
            f"{param} has {len(text):,} characters; the limit is {chars_max:,}. "
            f"Send less, or raise TOUCHSTONE_{setting.upper()}.",
            param,
        )
    if not text.strip(_BLANK):
        raise BadInput(f"{param} is {'empty' if not text else 'blank'}; send the text to verify.", param)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise BadInput(
            f"{param} has half a surrogate pair at character {error.start}; send valid Unicode.", param
        ) from error


# White space, and the characters that print nothing: a text of these alone says nothing.
_BLANK = "".join(map(chr, [*range(0x21), 0x7F, 0x85, 0xA0, 0xAD, 0x1680, *range(0x2000, 0x2010)])) + (
    "\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
)
