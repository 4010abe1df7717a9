"""A correction on the wire: the corrected text, and each edit with its place in the response.

Offsets count Unicode code points. Edits are sorted and apart; with each made, the response is `text`.
"""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from inference.correction.edit import Correction, Edit


class EditBody(BaseModel):
    """One edit: the characters `start` to `end` of the response, which are `original`, give way to `replacement`."""

    model_config = ConfigDict(extra="forbid")
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]
    original: str
    replacement: Annotated[str, Field(description="Empty where the original is only removed.")]
    claims: Annotated[
        list[Annotated[int, Field(ge=0)]],
        Field(description="The claims on whose account, by their number among all claims, from 0."),
    ]
    reason: str


class CorrectionBody(BaseModel):
    """The response with only what the evidence supports; empty if that is nothing."""

    model_config = ConfigDict(extra="forbid")
    text: str
    edits: list[EditBody]


def correction_json(correction: Correction) -> dict[str, Any]:
    """`CorrectionBody` as plain values."""
    return {"text": correction.text, "edits": [edit_json(edit) for edit in correction.edits]}


def edit_json(edit: Edit) -> dict[str, Any]:
    """`EditBody` as plain values."""
    return {
        "start": edit.span.start,
        "end": edit.span.end,
        "original": edit.original,
        "replacement": edit.replacement,
        "claims": list(edit.claims),
        "reason": edit.reason,
    }
