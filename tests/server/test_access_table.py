"""Every endpoint and tool against every sort of caller: the tables beside this file say what comes, a test a cell.

What Ann has is asked for by all; who is refused has changed nothing, so that she herself is served afterwards.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from harness import RunningUpstream
from pydantic import SecretStr
from starlette.routing import Route
from starlette.testclient import TestClient

from server.app import create_app
from server.mcp.batch_resource import BATCH_TEMPLATES
from server.mcp.calls import NAMES
from server.mcp.prompt import VERIFY_PROMPT
from server.mcp.resource import SERVER_RESOURCE
from server.settings import Settings
from tests.server.access_rows import ROWS, Ann, Asked
from tests.server.callers import SETTINGS_KEY, Callers, callers_of

OK = "ok"
ABSENT = "absent"
REFUSALS = {
    "missing": (401, "missing_api_key"),
    "unknown": (401, "invalid_api_key"),
    "UNKNOWN": (403, "invalid_api_key"),
    "token": (403, "mcp_token_not_allowed"),
    "operator": (403, "operator_required"),
    "admin": (403, "admin_required"),
    ABSENT: (404, "not_found"),
}


class Cell(NamedTuple):
    row: str
    caller: str
    answer: str


def table(name: str) -> list[Cell]:
    """The cells of a table: a line of callers, then a line a row."""
    text = Path(__file__).with_name(name).read_text()
    head, *lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    callers = head.split()
    cells: list[Cell] = []
    for line in lines:
        row, *answers = line.rsplit(maxsplit=len(callers))
        cells += [Cell(row, caller, answer) for caller, answer in zip(callers, answers, strict=True)]
    return cells


WITH_KEYS, WITHOUT_KEYS = table("access_with_keys.txt"), table("access_without_keys.txt")


class Place(NamedTuple):
    """A server, and all who call it."""

    client: TestClient
    callers: Callers
    ann: Ann


def opened(folder: Path, engine: RunningUpstream, *keys: str) -> Iterator[Place]:
    secrets = tuple(map(SecretStr, keys))
    at_rest: dict[str, Any] = {"executor": "none"}  # no batch ends before somebody cancels it
    settings = Settings(data_dir=folder, web_search=False, engine_url=(engine.url,), api_keys=secrets, **at_rest)
    with TestClient(create_app(settings), base_url="http://127.0.0.1:3001") as client:
        callers = callers_of(client)
        yield Place(client, callers, Ann(client, callers.ann))


@pytest.fixture(scope="module")
def with_keys(tmp_path_factory: pytest.TempPathFactory, upstream: RunningUpstream) -> Iterator[Place]:
    yield from opened(tmp_path_factory.mktemp("with_keys"), upstream, SETTINGS_KEY)


@pytest.fixture(scope="module")
def without_keys(tmp_path_factory: pytest.TempPathFactory, upstream: RunningUpstream) -> Iterator[Place]:
    yield from opened(tmp_path_factory.mktemp("without_keys"), upstream)


def name_of(cell: Cell) -> str:
    return f"{cell.row} by {cell.caller}"


@pytest.mark.parametrize("cell", WITH_KEYS, ids=map(name_of, WITH_KEYS))
def test_where_keys_are_needed(with_keys: Place, cell: Cell) -> None:
    check(with_keys, cell)


@pytest.mark.parametrize("cell", WITHOUT_KEYS, ids=map(name_of, WITHOUT_KEYS))
def test_where_no_keys_are_needed(without_keys: Place, cell: Cell) -> None:
    check(without_keys, cell)


def check(place: Place, cell: Cell) -> None:
    asked = ROWS[cell.row](place.ann)
    answer = asked.of(place.client, place.callers.by_name[cell.caller])
    assert answered(answer, asked) == cell.answer, answer.text
    if cell.answer == ABSENT:
        assert answered(asked.of(place.client, place.callers.ann), asked) == OK
    if cell.answer in (OK, ABSENT) and not asked.only_reads:
        place.ann.forget()


def answered(answer: httpx.Response, asked: Asked) -> str:
    """The word of the tables for it."""
    found: dict[str, object] = answer.json() if answer.headers["content-type"] == "application/json" else {}
    if asked.is_mcp and answer.status_code == 200:
        return answered_over_mcp(found)
    if answer.status_code == 200:
        return OK
    error = found["error"]
    assert isinstance(error, dict)
    return next(word for word, told in REFUSALS.items() if told == (answer.status_code, error["code"]))


def answered_over_mcp(message: dict[str, object]) -> str:
    """Of a message in JSON-RPC: an error is one that says that there is no such thing."""
    result = message.get("result")
    if isinstance(result, dict) and not result.get("isError", False):
        return OK
    assert "there is no " in str(message), message
    return ABSENT


def routes() -> set[str]:
    """All methods and paths of the application."""
    found = set()
    for route in create_app(Settings(web_search=False)).routes:
        assert isinstance(route, Route)
        methods = route.methods or {name for name in ("GET", "POST", "PUT", "PATCH", "DELETE") if _takes(route, name)}
        found |= {f"{method} {route.path}" for method in methods - {"HEAD"}}
    return found


def _takes(route: Route, method: str) -> bool:
    return hasattr(route.endpoint, method.lower())


@pytest.mark.parametrize("cells", [WITH_KEYS, WITHOUT_KEYS], ids=["with keys", "without keys"])
def test_the_table_has_every_route_tool_resource_and_prompt_and_no_other(cells: list[Cell]) -> None:
    over_mcp = {f"tool {name}" for name in NAMES}
    over_mcp |= {f"resource {uri}" for uri in (SERVER_RESOURCE.uri, *(each.uri_template for each in BATCH_TEMPLATES))}
    over_mcp |= {f"prompt {VERIFY_PROMPT.name}"}
    assert {cell.row for cell in cells} == set(ROWS) == routes() | over_mcp


@pytest.mark.parametrize("cells", [WITH_KEYS, WITHOUT_KEYS], ids=["with keys", "without keys"])
def test_the_table_names_every_caller_and_answer(cells: list[Cell], with_keys: Place) -> None:
    used = {cell.caller for cell in cells}
    assert used <= set(with_keys.callers.by_name)
    assert len(cells) == len(used) * len(ROWS)
    assert {cell.answer for cell in cells} <= {OK, *REFUSALS}
