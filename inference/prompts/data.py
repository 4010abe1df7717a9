"""Text under test on its way into a prompt: as JSON, with what a chat template could take for its own marks escaped.

Whatever a caller, a document or a page says is a JSON string in a message that holds nothing but JSON. It cannot close
its quotes, and the characters with which the special tokens of known models begin (`<|im_end|>`, `</s>`, `[INST]`,
`<start_of_turn>`) are written as `\\uXXXX`: a model reads the same letter, a tokenizer finds no special token. Decoded,
the JSON is the text as it was. `as_plain_data` breaks the same marks where a model was trained on prompts without JSON.
"""

import re
from collections.abc import Iterable
from typing import Any

import orjson

_SPECIAL = re.compile(r"<(?=[|/a-zA-Z0-9_\uff5c])|\[(?=/?[A-Za-z_][A-Za-z0-9_]{1,39}\]|\||e~\[)|\](?=~)")
# "<|", "</s>", "<s>", "<bos>", "<0x0A>", DeepSeek's full-width bar, and "[INST]", "[/INST]", "[TOOL_CALLS]", "[gMASK]",
# "[UNUSED_TOKEN_145]", EXAONE's "[|user|]", MiniMax's "]~b]" and "[e~["


def as_data(value: Any) -> str:
    """`value` as JSON in which no special token of a chat template can stand."""
    return _SPECIAL.sub(lambda found: f"\\u{ord(found[0]):04x}", orjson.dumps(value).decode())


def as_plain_data(text: str, delimiters: Iterable[str] = ()) -> str:
    """`text` for a prompt that takes no JSON: a model was trained on plain text there.

    Where a special token of a chat template or a tokenizer would begin, and inside each of `delimiters`, the marks with
    which the prompt tells its parts apart, in any case, a space is put: "< |im_end|>", "[ INST]", "< /s>", "Claim :".
    Everything else stays as it is. A person reads the same text; a tokenizer finds no special token, and no stretch of
    it is the prompt's own mark. It is still prose in the same message as the prompt, so a model that was asked in this
    way is easier to talk into something than one that gets JSON (`as_data`).
    """
    plain = _SPECIAL.sub(r"\g<0> ", text.encode("utf-8", "replace").decode())  # a lone surrogate has no UTF-8
    for delimiter in delimiters:
        broken = f"{re.escape(delimiter[:-1])}(?={re.escape(delimiter[-1])})"
        plain = re.sub(broken, lambda found: found[0] + " ", plain, flags=re.IGNORECASE)
    return plain
