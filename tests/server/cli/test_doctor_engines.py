"""`touchstone doctor` on language models: GPU, vLLM, the models to start, engines that run, and the one that judges."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from inference.engine.gpu import GIB, Gpu, GpuUnknown
from server.doctor.engines import engines, judge_model
from server.doctor.finding import Finding, Status
from server.doctor.gpu import gpu
from server.doctor.hub import HubModel
from server.doctor.models import models
from server.doctor.vllm import version_of, vllm
from server.settings import Settings
from tests.inference.engine.child.living import COMMAND, PROGRAM

KEY = "a-key-of-this-test"
CARD = Gpu("RTX 4090", 24 * GIB, 23 * GIB, "570.1")


def with_(settings: Settings, **values: Any) -> Settings:
    return Settings(**(settings.model_dump() | values))


def broken() -> tuple[Gpu, ...]:
    raise GpuUnknown("nvidia-smi says: Failed to initialize NVML")


@pytest.fixture
def engine_url() -> Iterator[str]:
    """An engine that asks for KEY and serves one model."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            right = self.headers.get("authorization") == f"Bearer {KEY}"
            body = json.dumps({"object": "list", "data": [{"id": "big"}]} if right else {"error": "Unauthorized"})
            self.send_response(200 if right else 401)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()
    thread.join()


def model_folder(folder: Path, bytes_: int = 1000) -> Path:
    folder.mkdir()
    (folder / "config.json").write_text('{"architectures": ["Qwen3ForCausalLM"]}')
    with (folder / "model.safetensors").open("wb") as file:
        file.truncate(bytes_)
    return folder


def test_a_gpu_is_named_with_memory_and_driver_and_none_is_no_fault(settings: Settings) -> None:
    found = gpu(settings, lambda: (CARD,))
    assert (found.status, found.detail) == (Status.FINE, "RTX 4090, 24 GiB (23 free), driver 570.1")
    assert gpu(settings, lambda: ()).status is Status.FINE


def test_a_broken_driver_is_wrong_only_where_a_model_is_to_be_started(settings: Settings) -> None:
    assert gpu(settings, broken).status is Status.OFF
    found = gpu(with_(settings, model="x/y"), broken)
    assert (found.status, "Failed to initialize" in found.detail, bool(found.remedy)) == (Status.WRONG, True, True)


@pytest.mark.process
def test_vllm_is_asked_for_only_if_a_model_is_to_be_started(settings: Settings) -> None:
    assert vllm(settings).status is Status.OFF
    assert vllm(with_(settings, model="x/y", vllm=COMMAND)).status is Status.FINE
    missing = vllm(with_(settings, model="x/y", vllm="/nowhere/vllm"))
    assert (missing.status, "pip install" in missing.remedy) == (Status.WRONG, True)


def test_what_would_keep_a_model_from_starting_is_said(settings: Settings) -> None:
    found = vllm(with_(settings, model="x/y", vllm=COMMAND, lora="law=/nowhere"))
    assert (found.status, "no folder of an adapter" in found.detail) == (Status.WRONG, True)


@pytest.mark.process
def test_a_program_that_has_no_version_has_none() -> None:
    assert version_of(PROGRAM) == version_of(("/nowhere/python",)) == ""


async def of_models(settings: Settings, look: Callable[[str, bool], HubModel], free: tuple[Gpu, ...] = ()) -> Finding:
    (found,) = await models(settings, False, lambda: free, look)
    return found


def never(model: str, offline: bool) -> HubModel:
    raise AssertionError("nothing is to be looked up")


async def test_a_model_in_a_folder_is_looked_at(settings: Settings, tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "mine")
    found = await of_models(with_(settings, model=str(folder)), never)
    assert (found.name, found.status) == ("language model mine", Status.FINE)
    assert "Qwen3ForCausalLM" in found.detail
    (folder / "model.safetensors").unlink()
    assert "has no weights" in (await of_models(with_(settings, model=str(folder)), never)).detail
    (folder / "config.json").unlink()
    assert "is no folder of a model" in (await of_models(with_(settings, model=str(folder)), never)).detail
    assert "there is no folder" in (await of_models(with_(settings, model="/nowhere/x"), never)).detail


async def test_a_model_that_does_not_fit_the_gpu_is_too_large(settings: Settings, tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "mine", 22 * GIB)  # a file with a hole: it takes no room
    asked = with_(settings, model=str(folder))
    assert (await of_models(asked, never, (CARD,))).status is Status.WRONG
    assert (await of_models(asked, never, (CARD, CARD))).status is Status.FINE
    assert (await of_models(asked, never)).status is Status.FINE


@pytest.mark.parametrize(
    ("known", "status", "said"),
    [
        (HubModel(Path("/"), cached=True, size=10**9), Status.FINE, "downloaded already, 1.0 GB"),
        (HubModel(Path("/"), size=10**9), Status.FINE, "1.0 GB to download when"),
        (HubModel(Path("/"), size=10**18), Status.WRONG, "to download"),
        (HubModel(Path("/")), Status.FINE, "the hub does not say its size"),
        (HubModel(Path("/"), problem="the hub has no model", remedy="check"), Status.WRONG, "the hub has no model"),
    ],
)
async def test_a_model_of_the_hub_is_told_by_its_size(
    settings: Settings, known: HubModel, status: Status, said: str
) -> None:
    found = await of_models(with_(settings, model="Qwen/Qwen3-8B"), lambda model, offline: known)
    assert (found.status, said in found.detail) == (status, True)


async def test_offline_the_size_of_a_model_of_the_hub_is_not_asked_for(settings: Settings) -> None:
    asked = with_(settings, model="Qwen/Qwen3-8B")
    (found,) = await models(asked, True, lambda: (), lambda model, offline: HubModel(Path("/")))
    assert (found.status, "--offline" in found.detail) == (Status.SKIPPED, True)


async def test_without_models_and_engines_there_is_nothing_to_check(settings: Settings) -> None:
    assert (await of_models(settings, never)).status is Status.OFF
    found, served = await engines(settings, False)
    assert ([finding.status for finding in found], served) == ([Status.OFF], ())
    assert judge_model(settings, (), True).detail == "the small model that ships"


async def test_an_engine_that_answers_is_listed_with_its_models(settings: Settings, engine_url: str) -> None:
    found, served = await engines(with_(settings, engine_url=engine_url, engine_key=KEY), True)
    assert (found[0].status, served) == (Status.FINE, ("big",))
    assert KEY not in str(found)


async def test_a_wrong_key_and_a_dead_engine_say_what_to_do(settings: Settings, engine_url: str) -> None:
    found, served = await engines(with_(settings, engine_url=f"{engine_url},http://127.0.0.1:9"), False)
    assert served == ()
    assert "TOUCHSTONE_ENGINE_KEY" in found[0].remedy
    assert "start it" in found[1].remedy


async def test_an_engine_that_is_the_server_itself_is_wrong(settings: Settings) -> None:
    found, served = await engines(with_(settings, engine_url="http://localhost:3001/v1", port=3001), False)
    assert (found[0].status, "this server itself" in found[0].detail, served) == (Status.WRONG, True, ())


async def test_engines_elsewhere_are_left_alone_offline(settings: Settings) -> None:
    found, _ = await engines(with_(settings, engine_url="https://api.example.org/v1"), True)
    assert found[0].status is Status.SKIPPED
    assert "outside this network" in found[0].detail


@pytest.mark.parametrize(
    ("values", "all_asked", "status", "said"),
    [
        ({"model": "a=x/y,b=x/z"}, True, Status.FINE, "a"),
        ({"model": "a=x/y,b=x/z", "judge_model": "b"}, True, Status.FINE, "b"),
        ({"model": "a=x/y", "lora": "law=/l", "judge_model": "law"}, True, Status.FINE, "law"),
        ({"model": "a=x/y", "judge_model": "cpu"}, True, Status.FINE, "ships"),
        ({"judge_model": "big"}, True, Status.FINE, "big"),
        ({"judge_model": "other"}, True, Status.WRONG, "models are big"),
        ({"judge_model": "other"}, False, Status.SKIPPED, "not known"),
        ({"judge_model": "big", "judge_profile": "granite-guardian"}, True, Status.WRONG, "which version"),
    ],
)
def test_the_judge_has_to_be_one_of_the_models(
    settings: Settings, values: dict[str, str], all_asked: bool, status: Status, said: str
) -> None:
    found = judge_model(with_(settings, **values), ("big",), all_asked)
    assert (found.status, said in found.detail) == (status, True)
