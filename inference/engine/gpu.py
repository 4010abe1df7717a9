"""Which NVIDIA GPUs the machine has, as `nvidia-smi` tells. It needs no library, and it is there wherever a driver is.

GPUs of other makers are not looked for; vLLM may serve on them all the same.
"""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

PROGRAM = "nvidia-smi"
QUERY = ("--query-gpu=name,memory.total,memory.free,driver_version", "--format=csv,noheader,nounits")

TIMEOUT_S = 5.0
"""It answers within a second, and on a machine whose driver hangs never."""

MIB = 1024 * 1024
GIB = 1024 * MIB


@dataclass(frozen=True, slots=True)
class Gpu:
    """Memory is in bytes."""

    name: str
    memory: int
    free: int
    driver: str


class GpuUnknown(Exception):
    """`nvidia-smi` is there, and gives no answer. The text says why."""


def gpus(program: str = PROGRAM, timeout_s: float = TIMEOUT_S) -> tuple[Gpu, ...]:
    """The GPUs; none where there is no `nvidia-smi`. Raises GpuUnknown. Blocks for up to `timeout_s`."""
    try:
        answer = subprocess.run(  # noqa: S603  # a fixed command
            [program, *QUERY], capture_output=True, text=True, timeout=timeout_s, check=False, stdin=subprocess.DEVNULL
        )
    except FileNotFoundError:
        return ()
    except subprocess.TimeoutExpired:
        raise GpuUnknown(f"{program} gave no answer in {timeout_s:g} s") from None
    except OSError as error:
        raise GpuUnknown(f"{program} cannot be run ({error})") from None
    if "No devices were found" in answer.stdout:
        return ()
    if answer.returncode:
        said = (answer.stdout.strip() or answer.stderr.strip() or f"exit code {answer.returncode}").splitlines()[0]
        raise GpuUnknown(f"{program} says: {said[:200]}")
    return read_gpus(answer.stdout.splitlines())


def read_gpus(lines: Sequence[str]) -> tuple[Gpu, ...]:
    """Out of the answer's lines; those in another form are skipped, as memory is "[N/A]" where it is the machine's."""
    found = []
    for line in lines:
        parts = [part.strip() for part in line.split(",")]
        if len(parts) == 4 and parts[1].isdigit() and parts[2].isdigit():
            found.append(Gpu(parts[0], int(parts[1]) * MIB, int(parts[2]) * MIB, parts[3]))
    return tuple(found)
