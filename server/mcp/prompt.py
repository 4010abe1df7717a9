"""The prompt `verify`: a user's own wish to have an answer checked, ready to pick from the client's menu."""

import mcp_types as types
from mcp.shared.exceptions import MCPError

VERIFY_PROMPT = types.Prompt(
    name="verify",
    title="Verify the last answer",
    description="Has the assistant check its last answer, or the one given, and correct what fails.",
    arguments=[
        types.PromptArgument(name="response", description="The answer to check; the last one if left out."),
        types.PromptArgument(name="question", description="The question it answers, if not clear."),
    ],
)


def prompt_of(name: str, arguments: dict[str, str]) -> types.GetPromptResult:
    """The prompt `name` filled in. Raises MCPError where there is no such prompt."""
    if name != VERIFY_PROMPT.name:
        raise MCPError(types.INVALID_PARAMS, f"Unknown prompt: {name}. There is {VERIFY_PROMPT.name}.")
    response, question = arguments.get("response", "").strip(), arguments.get("question", "").strip()
    subject = "the answer below" if response else "your last answer"
    lines = [
        f"Verify {subject} with Touchstone: call `verify_document` if it must follow a document in this conversation "
        "(pass the document's full text), otherwise `verify`. Then tell me, claim by claim, what is supported, what is "
        "refuted and what has not enough evidence, with the quoted evidence and its source, and correct what fails."
    ]
    lines += [f"Question:\n{question}"] if question else []
    lines += [f"Answer:\n{response}"] if response else []
    message = types.PromptMessage(role="user", content=types.TextContent(type="text", text="\n\n".join(lines)))
    return types.GetPromptResult(description=VERIFY_PROMPT.description, messages=[message])
