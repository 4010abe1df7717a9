"""The cross-encoder: MiniLM's six layers, six token types, and a head with three classes. Plain PyTorch.

Input: `pieces` and `types`, int64 [pairs, length], padded with 0; `mask`, bool [pairs, length]. Output: logits
[pairs, 3] in the order of LABELS. The head reads the first position and the means over claim and over evidence: the
base model was trained for means, not for its first position.
"""

import math
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn.functional import gelu, scaled_dot_product_attention

LABELS = ("supported", "refuted", "not_enough_evidence")
HIDDEN, HEADS, LAYERS, INNER, VOCABULARY, POSITIONS = 384, 12, 6, 1536, 30_522, 512
TYPES = 6
_CLAIM_TYPES = (1, 3, 4)  # CLAIM, CLAIM_MET, CLAIM_NUMBER of inference/judges/cross_encoder/pair.py
_LAYER_NORM_EPSILON = 1e-12
_TYPE_NOISE = 0.02  # BERT's own initial deviation: enough for the types to part


class Layer(nn.Module):
    """One layer of BERT, attention and feed-forward, each normed after its residual."""

    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.qkv = nn.Linear(HIDDEN, 3 * HIDDEN)
        self.out = nn.Linear(HIDDEN, HIDDEN)
        self.attention_norm = nn.LayerNorm(HIDDEN, eps=_LAYER_NORM_EPSILON)
        self.up = nn.Linear(HIDDEN, INNER)
        self.down = nn.Linear(INNER, HIDDEN)
        self.norm = nn.LayerNorm(HIDDEN, eps=_LAYER_NORM_EPSILON)
        self.dropout = nn.Dropout(dropout)

    def forward(self, states: Tensor, bias: Tensor) -> Tensor:
        pairs, length, _ = states.shape
        query, key, value = (
            self.qkv(states).view(pairs, length, 3, HEADS, HIDDEN // HEADS).permute(2, 0, 3, 1, 4).unbind(0)
        )
        if torch.onnx.is_in_onnx_export():
            scores = query @ key.transpose(-1, -2) / math.sqrt(HIDDEN // HEADS) + bias
            mixed = torch.softmax(scores, -1) @ value
        else:
            mixed = scaled_dot_product_attention(query, key, value, attn_mask=bias)
        mixed = mixed.transpose(1, 2).reshape(pairs, length, HIDDEN)
        states = self.attention_norm(states + self.dropout(self.out(mixed)))
        return self.norm(states + self.dropout(self.down(gelu(self.up(states)))))


class CrossEncoder(nn.Module):
    """Judges pairs of claim and evidence."""

    def __init__(self, dropout: float = 0.1) -> None:
        super().__init__()
        self.words = nn.Embedding(VOCABULARY, HIDDEN, padding_idx=0)
        self.positions = nn.Embedding(POSITIONS, HIDDEN)
        self.types = nn.Embedding(TYPES, HIDDEN)
        self.norm = nn.LayerNorm(HIDDEN, eps=_LAYER_NORM_EPSILON)
        self.layers = nn.ModuleList(Layer(dropout) for _ in range(LAYERS))
        self.dropout = nn.Dropout(dropout)
        self.hidden = nn.Linear(3 * HIDDEN, HIDDEN)
        self.classes = nn.Linear(HIDDEN, len(LABELS))

    def forward(self, pieces: Tensor, types: Tensor, mask: Tensor) -> Tensor:
        places = torch.arange(pieces.shape[1], device=pieces.device)
        states = self.norm(self.words(pieces) + self.types(types) + self.positions(places))
        states = self.dropout(states)
        bias = (~mask)[:, None, None, :].to(states.dtype) * -1e4
        for layer in self.layers:
            states = layer(states, bias)
        in_claim = (types == _CLAIM_TYPES[0]) | (types == _CLAIM_TYPES[1]) | (types == _CLAIM_TYPES[2])
        pooled = torch.cat([states[:, 0], _mean(states, in_claim & mask), _mean(states, ~in_claim & mask)], dim=-1)
        logits: Tensor = self.classes(self.dropout(torch.tanh(self.hidden(self.dropout(pooled)))))
        return logits


def _mean(states: Tensor, where: Tensor) -> Tensor:
    weights = where.to(states.dtype)[:, :, None]
    return (states * weights).sum(1) / weights.sum(1).clamp(min=1.0)


def from_base(weights: Path, dropout: float = 0.1) -> CrossEncoder:
    """The cross-encoder before training: the base's layers, a fresh head."""
    base = load_file(weights)
    model = CrossEncoder(dropout)
    with torch.no_grad():
        model.words.weight.copy_(base["embeddings.word_embeddings.weight"])
        model.positions.weight.copy_(base["embeddings.position_embeddings.weight"])
        first = base["embeddings.token_type_embeddings.weight"][:1]
        model.types.weight.copy_(first + _TYPE_NOISE * torch.randn(TYPES, HIDDEN))
        _copy(model.norm, base, "embeddings.LayerNorm")
        for number, layer in enumerate(model.layers):
            at = f"encoder.layer.{number}"
            for kind in ("weight", "bias"):
                parts = [base[f"{at}.attention.self.{name}.{kind}"] for name in ("query", "key", "value")]
                getattr(layer.qkv, kind).copy_(torch.cat(parts))
            _copy(layer.out, base, f"{at}.attention.output.dense")
            _copy(layer.attention_norm, base, f"{at}.attention.output.LayerNorm")
            _copy(layer.up, base, f"{at}.intermediate.dense")
            _copy(layer.down, base, f"{at}.output.dense")
            _copy(layer.norm, base, f"{at}.output.LayerNorm")
    return model


def _copy(module: nn.Module, base: dict[str, Tensor], name: str) -> None:
    for kind in ("weight", "bias"):
        getattr(module, kind).copy_(base[f"{name}.{kind}"])
