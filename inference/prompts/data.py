"""Text under test on its way into a prompt: as JSON, with what a chat template could take for its own marks escaped.

Whatever a caller, a document or a page says is a JSON string in a message that holds nothing but JSON. It cannot close
its quotes, and the characters with which the special tokens of known models begin (`<|im_end|>`, `</s>`, `[INST]`,
`<start_of_turn>`) are written as `\\uXXXX`: a model reads the same letter, a tokenizer finds no special token. Decoded,
the JSON is the text as it was.
"""

import re
from typing import Any

import orjson

_SPECIAL = re.compile(r"<(?=[|/a-zA-Z0-9_\uff5c])|\[(?=/?[A-Za-z_]{2,40}\])")
# "<|", "</s>", "<s>", "<bos>", "<0x0A>", DeepSeek's full-width bar, and "[INST]", "[/INST]", "[TOOL_CALLS]", "[gMASK]"


def as_data(value: Any) -> str:
    """`value` as JSON in which no special token of a chat template can stand."""
    return _SPECIAL.sub(lambda found: f"\\u{ord(found[0]):04x}", orjson.dumps(value).decode())
