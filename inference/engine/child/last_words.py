"""Why a vLLM ended, out of the last lines that it wrote. Pure.

Its log ends with tracebacks of several processes; the error that caused the others stands above them. What people
meet most comes with a word on what to do.
"""

import re
from collections.abc import Sequence

from inference.engine.child.vllm_log import read_line

WORDS_CHARS_MAX = 300

HINTS: tuple[tuple[str, str], ...] = (
    (r"out of memory|OutOfMemoryError|Free memory on device", "take a smaller model, or give vLLM less context: "
     "--vllm-args '--max-model-len 8192'"),
    (r"KV cache .*(larger|needed)|max seq len .*larger|No available memory for the cache blocks",
     "give it less context: --vllm-args '--max-model-len 8192'"),
    (r"does not support LoRA", "start it without adapters: --vllm-args '--no-enable-lora'"),
    (r"gated repo|GatedRepoError|401 Client Error", "accept its licence on the hub and set HF_TOKEN"),
    (r"not a valid model identifier|RepositoryNotFound|is not a local folder|Repository Not Found",
     "check the model's name"),
    (r"outgoing traffic has been disabled|LocalEntryNotFoundError", "it is not on this machine, and HF_HUB_OFFLINE "
     "forbids its download"),
    (r"Address already in use", "it is tried again on another port"),
    (r"unrecognized arguments", "check --vllm-args"),
    (r"No space left on device", "free some room on the disk"),
)  # fmt: skip
"""What a line says, and what to do about it."""

_ERROR = re.compile(r"^[\w.]*(Error|Exception|Interrupt)\b|^[\w. -]*: error: ")
_FOLLOWING = re.compile(r"See (root cause|stack trace).*above|EngineDeadError|please check the stack trace above")


def last_words(lines: Sequence[str]) -> str:
    """The line that says why, with what to do if that is known; empty if there are no lines."""
    plain = [words for words in (read_line(line).words for line in lines) if words]
    if not plain:
        return ""
    plain = [_with_its_reason(line, after) for line, after in zip(plain, [*plain[1:], ""], strict=True)]
    errors = [line for line in plain if _ERROR.search(line)]
    causes = [line for line in errors if not _FOLLOWING.search(line)]
    hint, hinted = _hint(causes or errors or plain)
    words = hinted or (causes or errors or plain)[-1]
    short = words if len(words) <= WORDS_CHARS_MAX else words[: WORDS_CHARS_MAX - 1] + "…"
    return f"{short} ({hint})" if hint else short


def _with_its_reason(line: str, after: str) -> str:
    """Pydantic, which checks vLLM's configuration, says in the next line what is wrong."""
    return f"{line}: {after}" if "validation error" in line else line


def _hint(lines: Sequence[str]) -> tuple[str, str]:
    for line in reversed(lines):
        for pattern, hint in HINTS:
            if re.search(pattern, line, re.IGNORECASE):
                return hint, line
    return "", ""
