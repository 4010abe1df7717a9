"""What vLLM writes becomes lines of a log, and the reason why it ended is found among them."""

import logging

import pytest

from inference.engine.child.backoff import LONGEST_S, STEADY_S, failures_after, wait_s
from inference.engine.child.last_words import HINTS, last_words
from inference.engine.child.log_lines import BUFFER_BYTES_MAX, LINE_CHARS_MAX, LineSplitter, LogLine
from inference.engine.child.vllm_log import VllmLine, read_line


def test_lines_are_put_together_however_they_arrive() -> None:
    splitter = LineSplitter()
    found = [line for byte in b"one\r\ntwo\n\n\xe2\x82\xac" for line in splitter.feed(bytes([byte]))]
    assert [line.text for line in (*found, *splitter.end())] == ["one", "two", "€"]


def test_a_progress_bar_passes_and_its_end_stays() -> None:
    found = LineSplitter().feed(b"10%\r50%\r100%\nready\n")
    assert found == [LogLine("10%", True), LogLine("50%", True), LogLine("100%"), LogLine("ready")]


def test_colours_and_control_characters_do_not_reach_the_log() -> None:
    assert LineSplitter().feed(b"\x1b[31mred\x1b[0m \x07bell\x00\n") == [LogLine("red  bell")]


def test_a_line_is_bounded_and_one_without_an_end_too() -> None:
    splitter = LineSplitter()
    assert len(splitter.feed(b"x" * 5000 + b"\n")[0].text) == LINE_CHARS_MAX
    for _ in range(10):
        assert splitter.feed(b"y" * BUFFER_BYTES_MAX) == []
    assert len(splitter.end()[0].text) == LINE_CHARS_MAX


@pytest.mark.parametrize(
    ("line", "read"),
    [
        (
            "(APIServer pid=1) WARNING 11-25 21:54:30 [system_utils.py:255] Found ulimit",
            VllmLine("APIServer", logging.WARNING, "Found ulimit"),
        ),
        ("INFO:     Application startup complete.", VllmLine("", logging.INFO, "Application startup complete.")),
        ("(EngineCore pid=7) Traceback", VllmLine("EngineCore", logging.INFO, "Traceback")),
        ("of another kind [x]", VllmLine("", logging.INFO, "of another kind [x]")),
    ],
)
def test_a_line_of_vllm_is_read(line: str, read: VllmLine) -> None:
    assert read_line(line) == read


def test_the_cause_is_found_under_the_errors_that_follow_from_it() -> None:
    lines = [
        "(EngineCore pid=7) ERROR 11-25 21:55:10 [core.py:1512] ValueError: the weights are of another planet",
        "(APIServer pid=6) Traceback (most recent call last):",
        "(APIServer pid=6) RuntimeError: Engine core initialization failed. See root cause above. Failed core proc(s)",
        "[rank0]: some last word",
    ]
    assert last_words(lines) == "ValueError: the weights are of another planet"


@pytest.mark.parametrize(
    ("line", "advice"),
    [
        ("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.", "smaller model"),
        ("ValueError: Qwen9 does not support LoRA yet.", "--no-enable-lora"),
        ("OSError: You are trying to access a gated repo.", "HF_TOKEN"),
        ("huggingface_hub.errors.LocalEntryNotFoundError: outgoing traffic has been disabled.", "HF_HUB_OFFLINE"),
        ("api_server.py: error: unrecognized arguments: --wrong", "check --vllm-args"),
    ],
)
def test_what_is_met_most_comes_with_what_to_do(line: str, advice: str) -> None:
    said = last_words(["ValueError: something before", line])
    assert line in said
    assert advice in said


def test_what_a_configuration_lacks_is_said_with_it() -> None:
    lines = [
        "ValidationError: 1 validation error for ModelConfig",
        "  Value error, max_model_len is greater",
        "  For more",
    ]
    assert last_words(lines).endswith("for ModelConfig: Value error, max_model_len is greater")


def test_every_hint_says_what_to_do() -> None:
    assert all(hint for _, hint in HINTS)


def test_of_no_lines_there_are_no_words() -> None:
    assert last_words([]) == last_words(["", "  "]) == ""


def test_waits_double_up_to_a_minute() -> None:
    assert [wait_s(failures) for failures in range(1, 9)] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert wait_s(10**9) == LONGEST_S


def test_a_child_that_was_up_for_long_starts_anew_in_the_count() -> None:
    assert failures_after(5, STEADY_S) == 1
    assert failures_after(5, STEADY_S - 1) == 6
    assert failures_after(0, 0) == 1
