"""From settings to the command line of vLLM: what is meant, what is refused, and whose word counts."""

import sys
from pathlib import Path

import pytest

from inference.engine.child.command import Plan, command, environment, takes_adapters
from inference.engine.child.program import vllm_program
from inference.engine.child.spec import ModelSpec, read_adapters, read_arguments, read_models
from inference.errors import SettingsError

SERVE = ("/opt/vllm/bin/vllm", "serve")
QWEN = ModelSpec("Qwen/Qwen3-8B", "Qwen/Qwen3-8B")


def test_a_model_is_an_id_a_folder_or_either_with_a_name(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    found = read_models(["Qwen/Qwen3-8B", str(folder), f"small={folder}", "big=Qwen/Qwen3-32B"])
    assert found == (
        QWEN,
        ModelSpec("mine", str(folder)),
        ModelSpec("small", str(folder)),
        ModelSpec("big", "Qwen/Qwen3-32B"),
    )


def test_a_path_with_an_equals_sign_is_a_path() -> None:
    assert read_models(["/models/run=3/last"]) == (ModelSpec("last", "/models/run=3/last"),)


@pytest.mark.parametrize("texts", [["a=x/y", "a=x/z"], ["x/y", "x/y"]])
def test_two_models_of_one_name_are_refused(texts: list[str]) -> None:
    with pytest.raises(SettingsError, match="setting model: two models are called"):
        read_models(texts)


def test_an_adapter_needs_a_name_and_a_folder() -> None:
    assert read_adapters(["law=/adapters/law"])[0].folder == Path("/adapters/law")
    with pytest.raises(SettingsError, match=r"setting lora = '/adapters/law'.*NAME=FOLDER"):
        read_adapters(["/adapters/law"])


def test_arguments_are_for_all_models_or_under_a_name_for_one() -> None:
    found = read_arguments("--max-model-len 8192 [small] --runner pooling [big] -tp 2", ["small", "big"])
    assert found == {
        "small": ("--max-model-len", "8192", "--runner", "pooling"),
        "big": ("--max-model-len", "8192", "-tp", "2"),
    }


def test_json_among_the_arguments_is_left_alone() -> None:
    text = """--override-generation-config '{"top_k": 1}' --middleware '["a"]'"""
    assert read_arguments(text, ["m"])["m"][1::2] == ('{"top_k": 1}', '["a"]')


@pytest.mark.parametrize(
    "text", ["[other] --x", "--x 'unclosed", "--port 9000", "--api_key=abc", "[small] --ssl-keyfile key.pem"]
)
def test_arguments_that_cannot_be_meant_are_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="setting vllm_args"):
        read_arguments(text, ["small"])


def test_the_flags_that_matter_are_set() -> None:
    line = " ".join(command(Plan(QWEN, SERVE), 9000))
    assert line == (
        "/opt/vllm/bin/vllm serve Qwen/Qwen3-8B --host 127.0.0.1 --port 9000 --served-model-name Qwen/Qwen3-8B "
        "--enable-prefix-caching --scheduling-policy priority --structured-outputs-config.backend guidance "
        "--structured-outputs-config.disable_any_whitespace true --disable-uvicorn-access-log --enable-lora"
    )


def test_the_module_takes_its_model_by_a_flag() -> None:
    words = command(Plan(QWEN, ("python", "-m", "vllm.entrypoints.openai.api_server")), 9000)
    assert words[3:5] == ["--model", "Qwen/Qwen3-8B"]


def test_arguments_of_the_user_come_last_so_that_they_win() -> None:
    words = command(Plan(QWEN, SERVE, ("--scheduling-policy", "fcfs")), 9000)
    assert words[-2:] == ["--scheduling-policy", "fcfs"]


def test_who_chooses_another_backend_gets_no_option_that_it_does_not_know() -> None:
    words = command(Plan(QWEN, SERVE, ("--structured-outputs-config.backend", "outlines")), 9000)
    assert not [word for word in words if "whitespace" in word]


@pytest.mark.parametrize("arguments", [("--no-enable-lora",), ("--runner", "pooling"), ("--runner=pooling",)])
def test_adapters_are_switched_off_where_they_cannot_be(arguments: tuple[str, ...]) -> None:
    assert "--enable-lora" not in command(Plan(QWEN, SERVE, arguments), 9000)
    assert not takes_adapters(arguments)


def test_adapters_get_the_room_that_they_need() -> None:
    line = " ".join(command(Plan(QWEN, SERVE, adapters=3, adapter_rank=24), 9000))
    assert "--enable-lora --max-loras 3 --max-lora-rank 32" in line


def test_several_models_share_the_memory() -> None:
    assert "--gpu-memory-utilization 0.45" in " ".join(command(Plan(QWEN, SERVE, models=2), 9000))


def test_the_key_goes_by_environment_and_ours_do_not_go_along() -> None:
    inherited = {"PATH": "/bin", "TOUCHSTONE_API_KEYS": "secret", "HF_TOKEN": "theirs"}
    passed = environment(inherited, "key", is_folder=False)
    assert passed["VLLM_API_KEY"] == "key"
    assert passed["VLLM_ALLOW_RUNTIME_LORA_UPDATING"] == "1"
    assert (passed["PATH"], passed["HF_TOKEN"]) == ("/bin", "theirs")
    assert not [name for name in passed if name.startswith("TOUCHSTONE_")]
    assert "key" not in command(Plan(QWEN, SERVE), 9000)


def test_nothing_leaves_the_machine_unless_the_user_says_so() -> None:
    assert environment({}, "key", is_folder=True)["VLLM_NO_USAGE_STATS"] == "1"
    assert environment({}, "key", is_folder=True)["HF_HUB_OFFLINE"] == "1"
    assert "HF_HUB_OFFLINE" not in environment({}, "key", is_folder=False)
    assert environment({"HF_HUB_OFFLINE": "0"}, "key", is_folder=True)["HF_HUB_OFFLINE"] == "0"


def test_the_program_is_the_one_named_with_serve_where_it_is_left_out(tmp_path: Path) -> None:
    vllm = tmp_path / "vllm"
    vllm.touch(mode=0o755)
    assert vllm_program(str(vllm), sys.executable, {}) == (str(vllm), "serve")
    assert vllm_program(f"{vllm} serve", sys.executable, {}) == (str(vllm), "serve")
    assert vllm_program(f"{sys.executable} -m x", sys.executable, {}) == (sys.executable, "-m", "x")


def test_without_a_name_it_is_the_one_beside_python_and_then_that_on_the_path(tmp_path: Path) -> None:
    python, elsewhere = tmp_path / "here" / "python", tmp_path / "elsewhere"
    for folder in (python.parent, elsewhere):
        folder.mkdir()
        (folder / "vllm").touch(mode=0o755)
    assert vllm_program("", str(python), {"PATH": str(elsewhere)}) == (str(python.parent / "vllm"), "serve")
    (python.parent / "vllm").unlink()
    assert vllm_program("", str(python), {"PATH": str(elsewhere)}) == (str(elsewhere / "vllm"), "serve")


@pytest.mark.parametrize("setting", ["", "/nowhere/vllm serve", "'unclosed"])
def test_where_there_is_none_the_message_says_how_to_get_it(setting: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="vllm") as caught:
        vllm_program(setting, str(tmp_path / "python"), {"PATH": str(tmp_path)})
    if setting != "'unclosed":
        assert "pip install 'touchstone[vllm]'" in caught.value.message
