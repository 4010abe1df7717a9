"""The fields of a request to an engine that limits and usage go by, and no other way to write them. Pure."""

from collections.abc import Mapping
from typing import Any

from inference.errors import BadInput

CHAT, COMPLETIONS, EMBEDDINGS = "chat/completions", "completions", "embeddings"
"""The paths of requests to engines."""

OF_OUTPUT = ("max_completion_tokens", "max_tokens", "n_predict")
"""Every name under which an engine takes how much it may write. The last is llama.cpp's own."""

ANSWERS = ("n", "best_of")
"""Names under which a request says how many answers it wants to a prompt."""

READ_WITH_MESSAGES = ("tools", "functions", "documents", "chat_template", "chat_template_kwargs")
"""What else of a chat completion may be put before a model, such as by vLLM."""

GUARDED = frozenset(
    {*OF_OUTPUT, *ANSWERS, *READ_WITH_MESSAGES, "messages", "prompt", "prompt_embeds", "suffix", "input", "model"}
    | {"stream", "stream_options"}
)
"""Names of what limits and usage go by."""


def check_names(asked: Mapping[str, Any]) -> None:
    """Raises BadInput for a field that some engines take for another, which is held to limits or counted: those that
    are written in Go, such as Ollama, read "Max_Tokens" as "max_tokens"."""
    for name in asked:
        if not (name.islower() and name.isascii()) and (meant := name.casefold()) in GUARDED:
            raise BadInput(f"{name!r:.40}: write this field as {meant!r}; engines read it in different ways.", meant)
