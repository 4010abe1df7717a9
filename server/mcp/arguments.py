"""The arguments of each tool. Flat and without alternatives: several clients reject `anyOf` and `$ref`."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictStr

from server.wire.verification import CORRECT_DESCRIPTION
from tools.question import Question

Judge = Annotated[
    StrictStr,
    Field(
        description='Leave it out: the server judges. "client" has your own model judge, if your client lends it by '
        "sampling and the server has no language model of its own."
    ),
]


Correct = Annotated[StrictBool, Field(description=CORRECT_DESCRIPTION)]


class VerifyArguments(BaseModel):
    """Arguments of `verify`."""

    model_config = ConfigDict(title="verify")
    prompt: Annotated[StrictStr, Field(description="What the user asked.")]
    response: Annotated[StrictStr, Field(description="The answer to verify, in full.")]
    returnSearchResults: Annotated[StrictBool, Field(description="Whether to list the sources found.")] = True
    judge: Judge = ""
    correct: Correct = False

    def question(self) -> Question:
        """What is to be verified."""
        return Question(self.prompt, self.response, correct=self.correct)


class VerifyDocumentArguments(BaseModel):
    """Arguments of `verify_document`."""

    model_config = ConfigDict(title="verify_document")
    prompt: Annotated[StrictStr, Field(description="What the user asked about the document.")]
    response: Annotated[StrictStr, Field(description="The answer to verify, in full.")]
    documentContent: Annotated[
        StrictStr, Field(description="The full text of the document. Only it counts as evidence.")
    ]
    returnSearchResults: Annotated[StrictBool, Field(description="Kept for compatibility: no search is made.")] = True
    judge: Judge = ""
    correct: Correct = False

    def question(self) -> Question:
        """What is to be verified."""
        return Question(self.prompt, self.response, self.documentContent, correct=self.correct)


class ChatMessage(BaseModel):
    """A message of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: StrictStr


class ChatArguments(BaseModel):
    """Arguments of `chat`."""

    model_config = ConfigDict(title="chat")
    prompt: Annotated[StrictStr, Field(description="What to ask the model. Give this or messages.")] = ""
    messages: Annotated[
        list[ChatMessage],
        Field(description="A conversation that ends with the user's question. Give this or prompt."),
    ] = []
    model: Annotated[
        StrictStr,
        Field(description="Name of the model. If left out: the one that judges, or the only one there is."),
    ] = ""
    verify: Annotated[StrictBool, Field(description="Whether to verify the answer and return the verdicts.")] = False
