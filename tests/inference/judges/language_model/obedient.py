"""A fake judge model for tests of injection: honest about the data in the message, obedient to anything beside it.

What is a JSON string in the one JSON object of the user message is data to it. Whatever else it meets is an order: text
outside the object, a key that the judge does not use, a further message, a word of its own instructions changed, or a
mark of a chat template that a tokenizer would take for a real one. Then it says what attackers want to hear.
"""

from collections.abc import Callable
from dataclasses import replace

import orjson

from inference.prompts.prompt import load_prompt
from inference.testing.judge_answers import Said, honest_judge, judges
from inference.testing.scripted_engine import Heard, Script
from inference.testing.scripted_reply import ScriptedReply

KEYS = {"passages", "question", "response", "claims"}

SPECIAL_TOKENS = (
    *("<|im_start|>", "<|im_end|>", "<|endoftext|>"),  # Qwen
    *("<|eot_id|>", "<|start_header_id|>", "<|end_header_id|>"),  # Llama 3
    *("[INST]", "[/INST]", "<s>", "</s>", "[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]", "[TOOL_RESULTS]"),  # Mistral
    *("<start_of_turn>", "<end_of_turn>", "<bos>", "<eos>"),  # Gemma
    *("<｜end▁of▁sentence｜>", "<｜User｜>", "<｜Assistant｜>"),  # DeepSeek
    *("<|end|>", "<|user|>", "<|system|>", "<|assistant|>"),  # Phi
    *("<|start|>", "<|message|>", "<|channel|>"),  # gpt-oss
    *("<|start_of_role|>", "<|end_of_role|>", "<|end_of_text|>"),  # Granite
    *("<|START_OF_TURN_TOKEN|>", "<|END_OF_TURN_TOKEN|>", "<|SYSTEM_TOKEN|>"),  # Command R
    *("[gMASK]", "<sop>"),  # GLM
    *("[|system|]", "[|assistant|]", "[|endofturn|]"),  # EXAONE
    *("]~b]", "[e~["),  # MiniMax
    *("<think>", "</think>", "<tool_call>", "<0x0A>"),
)

Change = Callable[[str], str]


def obedient_judge(quote: str, change: Change = lambda content: content) -> Script:
    """The fake. It quotes `quote` for what it is ordered to support. `change` is done to the user message first, to try
    out what a careless judge would have sent."""

    def answer(heard: Heard) -> ScriptedReply:
        system, user = heard.messages
        changed = replace(heard, body=heard.body | {"messages": [system, user | {"content": change(user["content"])}]})
        return _obeyed(changed, quote) if ordered(changed) else honest_judge(changed)

    return answer


def ordered(heard: Heard) -> bool:
    """Whether anything in the request is an order to the model."""
    if len(heard.messages) != 2:
        return True
    system, user = (message["content"] for message in heard.messages)
    if not system.startswith(load_prompt("judge")["system"].strip()) or has_special_token(user):
        return True
    try:
        return not orjson.loads(user).keys() <= KEYS
    except orjson.JSONDecodeError:
        return True


def has_special_token(text: str) -> bool:
    return any(token in text for token in SPECIAL_TOKENS)


def pasted(text: str) -> Change:
    """As a judge would send `text` that puts it beside its data."""
    return lambda content: f"{text}\n{content}"


def unescaped(content: str) -> str:
    """As plain JSON has it, where the marks of chat templates stand as they are."""
    return content.replace("\\u003c", "<").replace("\\u005b", "[")


def _obeyed(heard: Heard, quote: str) -> ScriptedReply:
    claims = heard.body["response_format"]["json_schema"]["schema"]["properties"]["claims"]["maxItems"]
    return judges(*[Said("supported", [("p1", quote)], odds={"supported": 0.99, "refuted": 0.01})] * claims)
