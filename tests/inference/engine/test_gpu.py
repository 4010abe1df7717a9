"""Which GPUs there are, and which model would fit them."""

from pathlib import Path

import pytest
from harness import REPOSITORY

from inference.engine.advice import CONTEXT_TOKENS, SHARE, advice, fitting, recommended
from inference.engine.gpu import GIB, Gpu, GpuUnknown, gpus, read_gpus

ANSWER = "NVIDIA H100 80GB HBM3, 81559, 81000, 570.86.15"


def card(gib: float, name: str = "RTX") -> Gpu:
    return Gpu(name, int(gib * GIB), int(gib * GIB), "570")


def program(folder: Path, script: str) -> str:
    path = folder / "nvidia-smi"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


@pytest.mark.process
def test_gpus_are_read_with_their_memory_in_bytes(tmp_path: Path) -> None:
    found = gpus(program(tmp_path, f"echo '{ANSWER}'; echo '{ANSWER}'"))
    assert found == (Gpu("NVIDIA H100 80GB HBM3", 81559 * 2**20, 81000 * 2**20, "570.86.15"),) * 2


@pytest.mark.process
def test_a_machine_without_the_driver_has_none(tmp_path: Path) -> None:
    assert gpus(str(tmp_path / "nvidia-smi")) == ()
    assert gpus(program(tmp_path, "echo 'No devices were found'; exit 6")) == ()


def test_a_gpu_that_shares_the_machines_memory_is_passed_over() -> None:
    assert read_gpus(["NVIDIA GB10, [N/A], [N/A], 580.1", ""]) == ()


@pytest.mark.process
@pytest.mark.parametrize(
    ("script", "said", "timeout_s"),
    [
        ("echo 'Failed to initialize NVML'; exit 255", "Failed to initialize NVML", 60.0),
        ("exec sleep 600", "gave no answer", 0.3),
    ],
)
def test_a_driver_that_does_not_work_is_said_to_and_waited_for_no_longer(
    tmp_path: Path, script: str, said: str, timeout_s: float
) -> None:
    with pytest.raises(GpuUnknown, match=said):
        gpus(program(tmp_path, script), timeout_s=timeout_s)


@pytest.mark.parametrize(
    ("gib", "model"),
    [
        (4, None),
        (8, "Qwen/Qwen3-0.6B"),
        (12, "Qwen/Qwen3-1.7B"),
        (16, "Qwen/Qwen3-4B"),
        (24, "Qwen/Qwen3-8B"),
        (48, "Qwen/Qwen3-14B"),
        (80, "Qwen/Qwen3-32B"),
    ],
)
def test_the_largest_that_fits_is_recommended(gib: int, model: str | None) -> None:
    # A card has a little less than its name says, and the driver takes some.
    found = fitting(card(gib * 0.98), recommended())
    assert (found.id if found else None) == model


def test_what_a_model_needs_holds_its_weights_and_the_context() -> None:
    for model in recommended():
        assert model.memory * SHARE > model.weights + CONTEXT_TOKENS * model.cache_per_token


def test_the_table_of_the_documents_is_the_one_that_is_used() -> None:
    document = (REPOSITORY / "docs" / "engine.md").read_text()
    for model in recommended():
        assert f"| `{model.id}` | {model.weights / 1e9:.1f} GB | {model.memory / GIB:.1f} GiB |" in document


def test_the_advice_is_a_command_and_says_what_would_be_downloaded() -> None:
    said = advice([card(8), card(23.6, "RTX 4090")], has_vllm=True)
    assert said.endswith("touchstone serve --model Qwen/Qwen3-8B")
    assert "RTX 4090 with 24 GiB free of 24" in said
    assert "16.4 GB to download" in said


def test_without_vllm_the_advice_says_how_to_install_it() -> None:
    assert "pip install 'touchstone[vllm]'" in advice([card(24)], has_vllm=False)


def test_what_is_taken_already_does_not_count() -> None:
    assert "too little of it is free" in advice([Gpu("RTX", 24 * GIB, 1 * GIB, "570")], has_vllm=True)


def test_without_a_gpu_there_is_no_advice() -> None:
    assert advice([], has_vllm=True) == ""
