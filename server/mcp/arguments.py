"""The arguments of each tool. Flat and without alternatives: several clients reject `anyOf` and `$ref`."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictStr


class VerifyArguments(BaseModel):
    """Arguments of `verify`."""

    model_config = ConfigDict(title="verify")
    prompt: Annotated[StrictStr, Field(description="What the user asked.")]
    response: Annotated[StrictStr, Field(description="The answer to verify, in full.")]
    returnSearchResults: Annotated[StrictBool, Field(description="Whether to list the sources found.")] = True


class VerifyDocumentArguments(BaseModel):
    """Arguments of `verify_document`."""

    model_config = ConfigDict(title="verify_document")
    prompt: Annotated[StrictStr, Field(description="What the user asked about the document.")]
    response: Annotated[StrictStr, Field(description="The answer to verify, in full.")]
    documentContent: Annotated[
        StrictStr, Field(description="The full text of the document. Only it counts as evidence.")
    ]
    returnSearchResults: Annotated[StrictBool, Field(description="Kept for compatibility: no search is made.")] = True
