"""Another model in the judge's seat: what it says is what its files say, and what cannot be the judge says why."""

import importlib.util
import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from inference.errors import JudgeUnavailable, JudgeUnreadable, SettingsError
from inference.judges.cross_encoder.custom.choice import chosen_model, prepare
from inference.judges.cross_encoder.custom.folder import TOKENIZER, tokens_max
from inference.judges.cross_encoder.custom.label_roles import label_roles
from inference.judges.cross_encoder.custom.pair_tokens import load_tokenizer, pair_tokens
from inference.judges.cross_encoder.judge import CrossEncoderJudge
from inference.judges.cross_encoder.model import SHIPPED, ClaimTooLong, PairModel, ShippedModel
from inference.judges.judge import ClaimInQuestion, Exchange
from inference.verdict import Claim, Judgement, Label, Passage, SourceKind, Span
from tests.inference.judges.tiny_models import NLI, write_config, write_model

SUPPORTED, REFUTED, UNKNOWN = Label.SUPPORTED, Label.REFUTED, Label.NOT_ENOUGH_EVIDENCE
SUPPORT, DENIAL = (1.0, 0.0, 0.0), (0.0, 1.0, 2.0)
CLAIM = "The old tower says nothing about the river."
AGREES, DENIES, OPEN = "It agrees with this.", "It denies this.", "A green house."
WITH_TORCH = all(importlib.util.find_spec(name) for name in ("torch", "transformers"))


def model_in(folder: Path) -> PairModel:
    return chosen_model(str(folder), folder.parent / "models")


async def judged(model: PairModel, claim: str, *documents: str) -> Judgement:
    kind = SourceKind.CORPUS if len(documents) > 1 else SourceKind.DOCUMENT
    passages = tuple(Passage(str(number), text, kind, "A title") for number, text in enumerate(documents))
    item = ClaimInQuestion(Claim(claim, Span(0, len(claim))), passages)
    found = [j async for j in CrossEncoderJudge(model).judge(Exchange("Question?", claim), [item])]
    return found[0]


@pytest.mark.anyio
@pytest.mark.parametrize("types", [True, False], ids=["token types", "no token types"])
@pytest.mark.parametrize(
    ("labels", "weighs", "expected"),
    [
        (NLI, None, (SUPPORTED, REFUTED, UNKNOWN)),
        (("SUPPORTS", "REFUTES", "NEI"), None, (SUPPORTED, REFUTED, UNKNOWN)),
        (("LABEL_0", "LABEL_1"), {"label_0": DENIAL, "label_1": SUPPORT}, (SUPPORTED, UNKNOWN, UNKNOWN)),
        (("consistent", "inconsistent"), None, (SUPPORTED, REFUTED, REFUTED)),
        (("LABEL_0",), {"label_0": (1.0, -1.0, -2.0)}, (SUPPORTED, UNKNOWN, UNKNOWN)),
    ],
    ids=["inference", "fever", "two without names", "consistency", "one logit"],
)
async def test_what_the_model_says_becomes_the_judgement(
    tmp_path: Path, labels: Sequence[str], weighs: Any, expected: tuple[Label, ...], types: bool
) -> None:
    model = model_in(write_model(tmp_path / "model", labels, types=types, weighs=weighs))
    found = [await judged(model, CLAIM, text) for text in (AGREES, DENIES, OPEN)]
    assert tuple(judgement.label for judgement in found) == expected
    assert found[0].score is not None
    assert found[1].score is not None
    assert found[0].score > 0.6 > 0.4 > found[1].score
    assert found[0].evidence[0].quote == AGREES


@pytest.mark.anyio
async def test_the_same_pair_gets_the_same_bits_whatever_was_read_before(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "model")
    first = await judged(model_in(folder), CLAIM, AGREES)
    model = model_in(folder)
    for text in (OPEN, DENIES, AGREES * 3):
        await judged(model, CLAIM, text)
    assert await judged(model, CLAIM, AGREES) == first


@pytest.mark.anyio
async def test_the_onnx_folder_is_looked_into_too(tmp_path: Path) -> None:
    model = model_in(write_model(tmp_path / "model", file="onnx/model.onnx"))
    assert (await judged(model, CLAIM, AGREES)).label is SUPPORTED


@pytest.mark.anyio
async def test_a_claim_that_the_model_cannot_read_is_declined_and_never_cut(tmp_path: Path) -> None:
    model = model_in(write_model(tmp_path / "model", max_position_embeddings=32))
    found = await judged(model, "The red door and the blue door and the green door " * 6, AGREES)
    assert (found.label, found.score) == (UNKNOWN, None)
    assert "32" in found.reason


def test_evidence_loses_sentences_from_its_end_and_then_words(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "model")
    tokenizer = load_tokenizer(folder / TOKENIZER)

    def read(room: int, *evidence: str) -> str:
        found = pair_tokens(tokenizer, "the door is red", evidence, tokens_max=room, evidence_first=True)
        assert len(found.ids) <= room
        assert len(found.ids) == len(found.mask) == len(found.types)
        return " ".join(tokenizer.id_to_token(number) for number in found.ids)

    sentences = ("the house is old .", "the tower is tall .")
    assert read(64, *sentences) == "[CLS] the house is old . the tower is tall . [SEP] the door is red [SEP]"
    assert read(14, *sentences) == "[CLS] the house is old . [SEP] the door is red [SEP]"
    assert read(9, *sentences) == "[CLS] the house [SEP] the door is red [SEP]"
    with pytest.raises(ClaimTooLong):
        read(7, *sentences)


def test_claim_and_evidence_stand_in_the_order_that_the_model_wants(tmp_path: Path) -> None:
    tokenizer = load_tokenizer(write_model(tmp_path / "model") / TOKENIZER)
    found = pair_tokens(tokenizer, "red", ["blue \ud800"], tokens_max=64, evidence_first=False)
    assert [tokenizer.id_to_token(number) for number in found.ids][:4] == ["[CLS]", "red", "[SEP]", "blue"]


@pytest.mark.parametrize(
    ("config", "tokenizer", "expected"),
    [
        ({}, {}, 512),
        ({"max_position_embeddings": 128}, {}, 128),
        ({"max_position_embeddings": 514, "model_type": "roberta"}, {}, 512),
        ({"max_position_embeddings": 130, "model_type": "xlm-roberta"}, {}, 128),
        ({"max_position_embeddings": 8192}, {"model_max_length": 1e30}, 512),
        ({"max_position_embeddings": 512}, {"model_max_length": 256}, 256),
        ({"max_position_embeddings": -1, "model_max_length": 100}, {}, 100),
    ],
)
def test_a_pair_has_no_more_tokens_than_the_files_allow(
    config: dict[str, Any], tokenizer: dict[str, Any], expected: int
) -> None:
    assert tokens_max(config, tokenizer) == expected


@pytest.mark.parametrize(
    ("names", "given", "roles"),
    [
        (("ENTAILMENT", "NEUTRAL", "CONTRADICTION"), {}, (SUPPORTED, UNKNOWN, REFUTED)),
        (("Refuted", "Not Enough Info", "Supported"), {}, (REFUTED, UNKNOWN, SUPPORTED)),
        (("entailment", "not_entailment"), {}, (SUPPORTED, UNKNOWN)),
        (("0", "1"), {}, (UNKNOWN, SUPPORTED)),
        (("no", "yes"), {}, (UNKNOWN, SUPPORTED)),
        (("unsupported", "factual"), {}, (UNKNOWN, SUPPORTED)),
        (("contradiction", "entailment"), {}, (REFUTED, SUPPORTED)),
        (("anything",), {}, (SUPPORTED,)),
        (("A", "B", "C"), {"a": "supported", "B": "refuted", "2": "unknown"}, (SUPPORTED, REFUTED, UNKNOWN)),
        (("LABEL_0", "LABEL_1"), {"0": "supported", "1": "refuted"}, (SUPPORTED, REFUTED)),
    ],
)
def test_labels_are_told_by_their_names(
    names: tuple[str, ...], given: dict[str, str], roles: tuple[Label, ...]
) -> None:
    assert label_roles(names, given) == roles


@pytest.mark.parametrize(
    ("names", "given", "said"),
    [
        (("LABEL_0", "LABEL_1", "LABEL_2"), {}, ["LABEL_0, LABEL_1, LABEL_2", "entailment", "touchstone.json"]),
        (("positive", "negative"), {}, ["positive, negative", "contradiction"]),
        (("neutral", "contradiction"), {}, ["neutral, contradiction"]),
        (("yes", "entailment"), {}, ["yes, entailment"]),
        (("A", "B"), {"A": "true"}, ["supported, refuted or unknown", "'true'"]),
        (("A", "B"), {"Z": "supported"}, ["z", "A, B"]),
        (("A",), {"A": "refuted"}, ["one logit"]),
    ],
)
def test_labels_that_tell_nothing_are_never_guessed(
    names: tuple[str, ...], given: dict[str, str], said: list[str]
) -> None:
    with pytest.raises(ValueError, match=r"label|logit") as error:
        label_roles(names, given)
    assert all(part in str(error.value) for part in said), str(error.value)


def test_a_file_in_the_folder_says_what_the_model_leaves_open(tmp_path: Path) -> None:
    weighs = {"good": (1.0, 0.0, 0.0), "bad": (0.0, 1.0, 1.0)}
    folder = write_model(tmp_path / "model", ("good", "bad"), weighs=weighs)
    with pytest.raises(JudgeUnavailable, match="good, bad"):
        model_in(folder).open()
    said = {
        "labels": {"good": "supported", "bad": "refuted"},
        "order": "claim-evidence",
        "tokens_max": 48,
        "calibration": {"offset": -0.5, "rules_refute": -2.0},
    }
    (folder / "touchstone.json").write_text(json.dumps(said))
    model = model_in(folder)
    assert (model.calibration.offset, model.calibration.slope, model.calibration.rules_refute) == (-0.5, 1.0, -2.0)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[]", "touchstone.json"),
        ("{", "touchstone.json"),
        ('{"lables": {}}', "lables"),
        ('{"order": "both"}', "order"),
        ('{"tokens_max": 0}', "tokens_max"),
        ('{"calibration": {"tilt": 1}}', "tilt"),
        ('{"calibration": {"slope": "steep"}}', "slope"),
    ],
)
def test_a_mistake_in_that_file_is_named(tmp_path: Path, content: str, said: str) -> None:
    folder = write_model(tmp_path / "model")
    (folder / "touchstone.json").write_text(content)
    with pytest.raises(JudgeUnavailable, match=said):
        model_in(folder).open()


@pytest.mark.anyio
@pytest.mark.parametrize(("spoilt", "said"), [("nan", "NaN"), ("shape", "shape")])
async def test_an_answer_that_is_none_is_never_a_verdict(tmp_path: Path, spoilt: str, said: str) -> None:
    model = model_in(write_model(tmp_path / "model", spoilt=spoilt))
    with pytest.raises(JudgeUnreadable, match=said):
        await judged(model, CLAIM, AGREES)
    with pytest.raises(JudgeUnreadable, match=said):
        await CrossEncoderJudge(model).check()


def test_more_labels_than_the_model_has_numbers_are_noticed(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "model")
    write_config(folder, ("entailment", "not_entailment"))
    with pytest.raises(JudgeUnreadable, match="3 numbers where it has 2"):
        model_in(folder).open()


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"architectures": ["T5ForConditionalGeneration"]}, ["sequence to sequence", "MiniCheck", "DeBERTa"]),
        ({"architectures": ["LlamaForCausalLM"]}, ["LlamaForCausalLM", "classifies no pairs"]),
        ({"id2label": {"0": "entailment", "2": "neutral"}}, ["leaves out a number"]),
    ],
)
def test_a_model_that_is_no_classifier_of_pairs_is_refused(
    tmp_path: Path, config: dict[str, Any], said: list[str]
) -> None:
    folder = write_model(tmp_path / "model", **config)
    with pytest.raises(JudgeUnavailable) as error:
        model_in(folder).open()
    assert all(part in error.value.message for part in [*said, str(folder)]), error.value.message


def test_code_that_comes_with_a_model_is_never_run(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "model", auto_map={"AutoModel": "modeling.Model"})
    (folder / "modeling.py").write_text("raise SystemExit('this was run')")
    model_in(folder).open()  # an ONNX graph needs none
    (folder / "model.onnx").rename(folder / "model.safetensors")
    with pytest.raises(JudgeUnavailable, match=r"trust_remote_code.*HHEM.*ONNX export"):
        model_in(folder).open()


@pytest.mark.parametrize(
    ("gone", "left", "said"),
    [
        ("config.json", b"", "config.json"),
        ("tokenizer.json", b"", "save_pretrained"),
        ("model.onnx", b"", "none of model.onnx, onnx/model.onnx, model.safetensors"),
        ("config.json", b"{", "config.json cannot be read"),
        ("config.json", b"[]", "no JSON object"),
        ("tokenizer.json", b"{}", "tokenizer.json of the judge's model cannot be read"),
        ("model.onnx", b"this is no graph", "cannot be loaded"),
    ],
)
def test_a_missing_or_damaged_file_is_named(tmp_path: Path, gone: str, left: bytes, said: str) -> None:
    folder = write_model(tmp_path / "model")
    (folder / gone).unlink()
    if left:
        (folder / gone).write_bytes(left)
    with pytest.raises(JudgeUnavailable, match=str(folder)) as error:
        model_in(folder).open()
    assert said in error.value.message


def test_pickles_are_not_read(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "model")
    (folder / "model.onnx").rename(folder / "pytorch_model.bin")
    with pytest.raises(JudgeUnavailable, match="pickle"):
        model_in(folder).open()


def test_a_folder_that_does_not_exist_is_named_at_the_first_use_and_before_a_start(tmp_path: Path) -> None:
    model = chosen_model(str(tmp_path / "nowhere"), tmp_path)  # reads nothing yet
    with pytest.raises(JudgeUnavailable, match="nowhere"):
        model.open()
    with pytest.raises(SettingsError, match=r"nowhere.*hub:"):
        prepare(str(tmp_path / "nowhere"), tmp_path)
    prepare("", tmp_path)


@pytest.mark.skipif(WITH_TORCH, reason="tells what is said where PyTorch or transformers are not installed")
def test_safetensors_without_pytorch_say_what_to_install(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "model")
    (folder / "model.onnx").rename(folder / "model.safetensors")
    with pytest.raises(JudgeUnavailable, match=r'pip install "touchstone\[transformers\]".*model\.onnx'):
        model_in(folder).open()


@pytest.mark.anyio
@pytest.mark.skipif(not WITH_TORCH, reason="needs PyTorch and transformers: pip install 'touchstone[transformers]'")
async def test_safetensors_say_what_pytorch_says_of_them(tmp_path: Path) -> None:
    import torch  # noqa: PLC0415
    from transformers import BertConfig, BertForSequenceClassification  # noqa: PLC0415

    folder = write_model(tmp_path / "model")
    (folder / "model.onnx").unlink()
    torch.manual_seed(7)
    labels = dict(enumerate(NLI))
    tiny = BertConfig(
        vocab_size=200,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        id2label=labels,
        label2id={name: number for number, name in labels.items()},
    )
    made = BertForSequenceClassification(tiny).eval()
    made.save_pretrained(folder)
    tokens = pair_tokens(load_tokenizer(folder / TOKENIZER), CLAIM, [OPEN], tokens_max=512, evidence_first=True)
    with torch.inference_mode():
        logits = made(
            input_ids=torch.tensor([tokens.ids]),
            attention_mask=torch.tensor([tokens.mask]),
            token_type_ids=torch.tensor([tokens.types]),
        ).logits
    refuted, supported, unknown = torch.softmax(logits.double(), -1)[0].tolist()
    found = await judged(model_in(folder), CLAIM, OPEN)
    assert found.score == pytest.approx(supported, abs=2e-4)
    assert found.label is (SUPPORTED if supported >= 0.5 else REFUTED if refuted > unknown else UNKNOWN)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A model of our own format, as a person trains it: here, the one that ships."""
    folder = tmp_path / "mine"
    folder.mkdir()
    for file in SHIPPED.iterdir():
        (folder / file.name).symlink_to(file)
    return folder


@pytest.mark.anyio
async def test_a_model_of_our_own_format_says_what_it_says_as_the_one_that_ships(own: Path) -> None:
    model = model_in(own)
    assert model.name == "mine"
    assert await judged(model, CLAIM, OPEN) == await judged(ShippedModel(), CLAIM, OPEN)


@pytest.mark.parametrize(
    ("file", "change", "said"),
    [
        ("config.json", {"labels": ["refuted", "supported", "not_enough_evidence"]}, "its labels are"),
        ("config.json", {"model_sha256": "0" * 64}, "checksum"),
        ("tokenizer.json", {"added": 1}, "is not that of the model that ships"),
    ],
)
def test_a_changed_model_of_our_own_format_is_refused(own: Path, file: str, change: dict[str, Any], said: str) -> None:
    changed = json.loads((own / file).read_text()) | change
    (own / file).unlink()
    (own / file).write_text(json.dumps(changed))
    with pytest.raises(JudgeUnavailable, match=said) as error:
        model_in(own).open()
    assert "install it again" not in error.value.message


def test_a_folder_is_named_as_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_model(tmp_path / "model")
    shutil.move(tmp_path / "model", tmp_path / "moved")
    monkeypatch.chdir(tmp_path / "moved")
    assert chosen_model(".", tmp_path).name == "moved"
    monkeypatch.setenv("HOME", str(tmp_path))
    chosen_model(os.path.join("~", "moved"), tmp_path).open()
