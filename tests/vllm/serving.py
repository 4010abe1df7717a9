"""A `touchstone serve` with the tiny models on a real vLLM, and the vLLM behind it asked directly."""

import itertools
import re
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from harness import RunningServer

from tests.robustness.waiting import wait_until

START_S = 300.0
"""For both models; on a busy machine with two cores each takes a minute."""

MAKE_S = 120.0
TINY_MODEL = Path(__file__).with_name("tiny_model.py")

# On a CPU without a compiler: no compilation, and a cache of keys and values that leaves memory to others. Two requests
# at once, so that a queue forms.
ARGUMENTS = (
    "--enforce-eager --kv-cache-memory-bytes 67108864 --max-num-seqs 2 [tiny] "
    "--enable-auto-tool-choice --tool-call-parser hermes [embed] --max-model-len 512 --runner pooling"
)
EYE_ARGUMENTS = "--enforce-eager --kv-cache-memory-bytes 67108864 --max-num-seqs 64"
ENVIRONMENT = {"TORCHDYNAMO_DISABLE": "1"}


@dataclass(frozen=True)
class Models:
    """What `tiny_model.py` makes, and the command that is vLLM."""

    tiny: Path
    adapter: Path
    eye: Path
    vllm: str


def make_models(environment: Path, folder: Path) -> Models:
    command = [str(environment / "bin" / "python"), str(TINY_MODEL), str(folder)]
    subprocess.run(command, check=True, capture_output=True, timeout=MAKE_S)
    return Models(folder / "tiny", folder / "adapter", folder / "eye", shlex.join(_command(environment)))


def _command(environment: Path) -> list[str]:
    """vLLM's own command needs a distribution called vllm, which an environment that somebody else made may lack."""
    if any(environment.glob("lib/python*/site-packages/vllm-*.dist-info")):
        return [str(environment / "bin" / "vllm"), "serve"]
    return [str(environment / "bin" / "python"), "-m", "vllm.entrypoints.openai.api_server"]


@contextmanager
def serving(
    models: Models, data_dir: Path, *flags: str, arguments: str = ARGUMENTS, **environment: str
) -> Iterator[RunningServer]:
    """A server with the models that `flags` name. It answers; whether its models do is for the caller to wait for."""
    command = ("--vllm", models.vllm, "--vllm-args", arguments)
    server = RunningServer(data_dir, *command, *flags, **ENVIRONMENT, **environment)
    try:
        yield server
    finally:
        server.process.terminate()
        server.process.wait(60)


def wait_until_up(server: RunningServer, model: str, times: int = 1) -> None:
    wait_until(
        lambda: server.log().count(f"engine_up model={model} ") >= times or server.process.poll() is not None,
        f"{model} is up; the log:\n{server.log()[-5000:]}",
        START_S,
    )
    assert server.process.poll() is None, server.log()[-5000:]


@dataclass(frozen=True)
class Direct:
    """The vLLM behind a server: where it is, its key, and its process. Read from what the system tells of it."""

    url: str
    key: str
    pid: int

    def client(self) -> httpx.Client:
        headers = {"authorization": f"Bearer {self.key}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=60, trust_env=False)

    def figure(self, name: str, **labels: str) -> float:
        """One of vLLM's own metrics."""
        with self.client() as client:
            text = client.get("/metrics").text
        lines = [line for line in text.splitlines() if line.startswith(f"{name}{{")]
        wanted = [f'{label}="{value}"' for label, value in labels.items()]
        return sum(float(line.rpartition(" ")[2]) for line in lines if all(part in line for part in wanted))


def direct(server: RunningServer, model: str) -> Direct:
    port = re.findall(rf"engine_starting model={model} .*port=(\d+)", server.log())[-1]
    pid = next(pid for pid, words in _processes() if "leash.py" not in " ".join(words) and _has(words, "--port", port))
    entries = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    key = next(entry for entry in entries if entry.startswith(b"VLLM_API_KEY=")).partition(b"=")[2]
    return Direct(f"http://127.0.0.1:{port}", key.decode(), pid)


def group_of(pid: int) -> list[int]:
    """The processes of a process group that run."""
    return [other for other, _ in _processes() if _state_and_group(other) is not None and _in_group(other, pid)]


def _in_group(pid: int, group: int) -> bool:
    found = _state_and_group(pid)
    return found is not None and found[0] != "Z" and found[1] == group


def _state_and_group(pid: int) -> tuple[str, int] | None:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return fields[0], int(fields[2])


def _processes() -> Iterator[tuple[int, list[str]]]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            yield int(folder.name), (folder / "cmdline").read_text().split("\0")
        except OSError:
            continue


def _has(words: list[str], flag: str, value: str) -> bool:
    return any(pair == (flag, value) for pair in itertools.pairwise(words))
