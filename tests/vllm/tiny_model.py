"""Makes the models that the suite runs on vLLM: so small that a CPU serves them, and from nothing but a seed.

Runs in vLLM's environment, which has the libraries: `python tiny_model.py FOLDER`. It writes FOLDER/tiny, a Qwen3 of
two layers with random weights, a tokenizer trained on the paragraphs below and a chat template with tools;
FOLDER/adapter, a LoRA adapter for it with weights large enough that its answers differ; and FOLDER/eye, a BLIP-2 that
reads pictures too. The same seed gives the same files. What the models say is noise: the suite tests how they are
asked and answered, never what they say.
"""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    Blip2Config,
    Blip2ForConditionalGeneration,
    Blip2Processor,
    BlipImageProcessorPil,
    LlamaConfig,
    PreTrainedTokenizerFast,
    Qwen3Config,
    Qwen3ForCausalLM,
)

SEED = 4
VOCABULARY = 1024
HIDDEN = 64
LAYERS = 2
HEADS = 4
KEY_HEADS = 2
HEAD = 32  # the smallest that vLLM has attention for on a CPU
CONTEXT_TOKENS = 8192
EYE_PIXELS = 28  # a side; what comes is scaled to it
EYE_PATCH = 14
EYE_TOKENS = 4  # that a picture becomes
EYE_ANSWER_TOKENS = 48  # at the most, whatever is asked for: a model of noise has no reason to stop
LORA_RANK = 4
LORA_WEIGHT = 0.5  # far above what training gives, so that an adapter that is in force cannot be overlooked

PARAGRAPHS = """
The harbour bridge was opened in March 1932. It is painted grey, and it is 134 metres tall. Ships pass below it by day
and by night, and a keeper looks after the lamps.
A claim is supported when the evidence says what it says, and refuted when the evidence says otherwise. Where neither
holds there is not enough evidence, and a careful judge will say so.
{"verdict": "supported", "claims": [{"text": "The bridge is grey.", "evidence": ["p1"], "quote": "It is painted grey"}]}
{"name": "weather", "arguments": {"city": "Paris", "days": 3}}
Water boils at 100 degrees Celsius at sea level; in the mountains it boils sooner, since the air is thinner there.
The invoice of 22 May 2025 is due on 21 June 2025. The amount is 7,116 pounds, and the client is Acme.
""".strip()

TEMPLATE = """
{%- if tools %}<|im_start|>system
Tools: {{ tools | tojson }}<|im_end|>
{% endif %}
{%- for message in messages %}<|im_start|>{{ message.role }}
{{ message.content or '' }}{% if message.tool_calls %}{{ message.tool_calls | tojson }}{% endif %}<|im_end|>
{% endfor %}
{%- if add_generation_prompt %}<|im_start|>assistant
{% endif %}""".lstrip()

# BLIP-2 puts a picture before the text by itself, so that the template passes it over.
EYE_TEMPLATE = """
{%- for message in messages %}<|im_start|>{{ message.role }}
{% if message.content is string %}{{ message.content }}{% else -%}
{% for part in message.content %}{{ part.text or '' }}{% endfor %}{% endif %}<|im_end|>
{% endfor %}
{%- if add_generation_prompt %}<|im_start|>assistant
{% endif %}""".lstrip()


def make(folder: Path) -> None:
    """Writes the models."""
    torch.manual_seed(SEED)
    tokenizer = _tokenizer()
    config = Qwen3Config(
        vocab_size=VOCABULARY,
        hidden_size=HIDDEN,
        intermediate_size=2 * HIDDEN,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        num_key_value_heads=KEY_HEADS,
        head_dim=HEAD,
        max_position_embeddings=CONTEXT_TOKENS,
        tie_word_embeddings=False,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        initializer_range=0.5,  # the usual 0.02 leaves all tokens equally likely, and greedy answers to rounding
        dtype=torch.float32,
    )
    model = Qwen3ForCausalLM(config)
    model.save_pretrained(folder / "tiny")
    tokenizer.save_pretrained(folder / "tiny")
    _write_adapter(folder / "adapter")
    _write_eye(folder / "eye")


def _tokenizer() -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(PARAGRAPHS.splitlines(), trainer)
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<|im_end|>", pad_token="<|endoftext|>")
    fast.chat_template = TEMPLATE
    return fast


def _write_eye(folder: Path) -> None:
    """Of the models that read pictures one whose reader needs no torchvision."""
    tokenizer = _tokenizer()
    tokenizer.chat_template = EYE_TEMPLATE
    tokenizer.add_special_tokens({"additional_special_tokens": ["<image>"]})
    image = BlipImageProcessorPil(size={"height": EYE_PIXELS, "width": EYE_PIXELS})
    Blip2Processor(image, tokenizer, num_query_tokens=EYE_TOKENS).save_pretrained(folder)
    sizes = {
        "hidden_size": HIDDEN,
        "intermediate_size": 2 * HIDDEN,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HIDDEN // HEAD,
    }
    text = LlamaConfig(
        **sizes | {"num_attention_heads": HEADS},
        vocab_size=VOCABULARY,
        num_key_value_heads=KEY_HEADS,
        head_dim=HEAD,
        max_position_embeddings=CONTEXT_TOKENS,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        initializer_range=0.5,
    )
    config = Blip2Config(
        vision_config=sizes | {"image_size": EYE_PIXELS, "patch_size": EYE_PATCH},
        qformer_config=sizes | {"encoder_hidden_size": HIDDEN, "vocab_size": VOCABULARY},
        text_config=text.to_dict(),
        num_query_tokens=EYE_TOKENS,
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"),
        dtype=torch.float32,
    )
    model = Blip2ForConditionalGeneration(config)
    model.generation_config.max_new_tokens = EYE_ANSWER_TOKENS
    model.save_pretrained(folder)


def _write_adapter(folder: Path) -> None:
    """In the form of the library peft, which is what vLLM reads."""
    folder.mkdir(parents=True)
    weights = {}
    for layer in range(LAYERS):
        at = f"base_model.model.model.layers.{layer}.self_attn"
        weights[f"{at}.q_proj.lora_A.weight"] = LORA_WEIGHT * torch.randn(LORA_RANK, HIDDEN)
        weights[f"{at}.q_proj.lora_B.weight"] = LORA_WEIGHT * torch.randn(HEADS * HEAD, LORA_RANK)
        weights[f"{at}.v_proj.lora_A.weight"] = LORA_WEIGHT * torch.randn(LORA_RANK, HIDDEN)
        weights[f"{at}.v_proj.lora_B.weight"] = LORA_WEIGHT * torch.randn(KEY_HEADS * HEAD, LORA_RANK)
    save_file(weights, str(folder / "adapter_model.safetensors"))
    config = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "r": LORA_RANK,
        "lora_alpha": LORA_RANK,
        "lora_dropout": 0.0,
        "bias": "none",
        "target_modules": ["q_proj", "v_proj"],
        "base_model_name_or_path": "tiny",
    }
    (folder / "adapter_config.json").write_text(json.dumps(config))


if __name__ == "__main__":
    make(Path(sys.argv[1]))
