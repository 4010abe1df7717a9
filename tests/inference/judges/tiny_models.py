"""Small cross-encoders for tests, in the layout of Hugging Face: made in a moment, and their answers are known.

Embeddings, their mean, a linear layer. The word "agrees" in a pair speaks for support, "denies" for refutation, and
neither leaves it open; all other words weigh nothing.
"""

import json
import string
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

TELLING = ("agrees", "denies")
WORDS = ("the", "of", "and", "is", "it", "door", "house", "tower", "red", "blue", "green", "old", "tall", *TELLING)
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
CHARACTERS = string.ascii_lowercase + string.digits + string.punctuation
VOCABULARY = {
    piece: number for number, piece in enumerate([*SPECIAL, *CHARACTERS, *("##" + c for c in CHARACTERS), *WORDS])
}

NLI = ("contradiction", "entailment", "neutral")
HIDDEN = 32
SAYS = 300.0  # what one telling word adds to the sum of a pair, before the mean


def write_model(
    folder: Path,
    labels: Sequence[str] = NLI,
    *,
    weighs: Mapping[str, tuple[float, float, float]] | None = None,
    types: bool = True,
    spoilt: str = "",
    file: str = "model.onnx",
    **config: Any,
) -> Path:
    """A model with these labels. `weighs` gives, for a label, the weights of "agrees", of "denies", and a constant.

    `spoilt`: "nan" for a model that answers no numbers, "shape" for one whose output is no row of logits.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_config(folder, labels, **config)
    write_tokenizer(folder / "tokenizer.json")
    (folder / file).parent.mkdir(exist_ok=True)
    rows = [(weighs or WEIGHS).get(label.lower(), (0.0, 0.0, 0.0)) for label in labels]
    onnx.save(graph(np.array(rows, np.float32), types, spoilt), str(folder / file))
    return folder


WEIGHS = {
    "entailment": (1.0, 0.0, 0.0),
    "supports": (1.0, 0.0, 0.0),
    "contradiction": (0.0, 1.0, 0.0),
    "refutes": (0.0, 1.0, 0.0),
    "inconsistent": (0.0, 1.0, 1.0),
    "consistent": (1.0, 0.0, 0.0),
    "neutral": (0.0, 0.0, 3.0),
    "nei": (0.0, 0.0, 3.0),
}


def write_config(folder: Path, labels: Sequence[str], **config: Any) -> None:
    said = {
        "model_type": "bert",
        "architectures": ["BertForSequenceClassification"],
        "id2label": {str(number): label for number, label in enumerate(labels)},
        "max_position_embeddings": 64,
    }
    kept = {name: value for name, value in (said | config).items() if value is not None}
    (folder / "config.json").write_text(json.dumps(kept))


def write_tokenizer(file: Path) -> None:
    tokenizer = Tokenizer(models.WordPiece(VOCABULARY, unk_token=SPECIAL[1]))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    ids = [(piece, VOCABULARY[piece]) for piece in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=ids
    )
    tokenizer.enable_truncation(8)  # as files of the hub often have it: it must not be obeyed
    tokenizer.save(str(file))


def graph(weights: "np.ndarray[Any, Any]", types: bool, spoilt: str) -> onnx.ModelProto:
    """input_ids, attention_mask and, if asked for, token_type_ids, to logits of `weights`."""
    embeddings = np.zeros((len(VOCABULARY), HIDDEN), np.float32)
    embeddings[VOCABULARY["agrees"], 0] = embeddings[VOCABULARY["denies"], 1] = SAYS
    linear = np.zeros((HIDDEN, len(weights)), np.float32)
    linear[:2] = weights[:, :2].T
    names = ["input_ids", "attention_mask", *(["token_type_ids"] if types else [])]
    nodes = [
        helper.make_node("Gather", ["embeddings", "input_ids"], ["words"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["mask", "last"], ["mask3"]),
        helper.make_node("Mul", ["words", "mask3"], ["seen"]),
        helper.make_node("ReduceMean", ["seen"], ["mean"], axes=[1], keepdims=0),
        helper.make_node("MatMul", ["mean", "linear"], ["open"]),
        helper.make_node("Add", ["open", "constant"], ["plain"]),
    ]
    if types:  # fed and without weight
        nodes += [
            helper.make_node("Cast", ["token_type_ids"], ["kinds"], to=TensorProto.FLOAT),
            helper.make_node("ReduceMean", ["kinds"], ["kind"], axes=[1], keepdims=1),
            helper.make_node("Mul", ["kind", "none"], ["nil"]),
            helper.make_node("Add", ["plain", "nil"], ["typed"]),
        ]
    found = "typed" if types else "plain"
    last = {"nan": ("Div", [found, "none"]), "shape": ("Unsqueeze", [found, "last"])}.get(spoilt, ("Identity", [found]))
    nodes.append(helper.make_node(*last, ["logits"]))
    tensors = {
        "embeddings": embeddings,
        "linear": linear,
        "constant": weights[:, 2].copy(),
        "none": np.zeros(1, np.float32),
        "last": np.array([2], np.int64),
    }
    made = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"]) for name in names],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(value, name) for name, value in tensors.items()],
    )
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
