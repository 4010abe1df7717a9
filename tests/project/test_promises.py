"""Every promise joins to a test: a setting, error code, endpoint or tool that no test names is red."""

from pathlib import Path

import pytest
from harness import REPOSITORY
from starlette.routing import Route

from server.accounts import doors
from server.app import create_app
from server.errors import TABLE
from server.mcp.calls import NAMES
from server.openapi.description import description
from server.settings import Settings

THIS = Path(__file__).resolve()
OPEN_IN_DESCRIPTION = {"/", "/openapi.json", "/v1/mcp", "/stream"}
"""Routes that the OpenAPI description leaves out: the two that lead to it, and MCP, which describes itself."""


def all_tests() -> str:
    files = [path for path in (REPOSITORY / "tests").rglob("*.py") if path != THIS]
    return "\n".join(path.read_text() for path in files)


def routes() -> dict[str, set[str]]:
    found = create_app(Settings(web_search=False)).routes
    return {route.path: route.methods or set() for route in found if isinstance(route, Route)}


@pytest.mark.parametrize("path", sorted(routes()))
def test_every_endpoint_is_named_by_a_test(path: str) -> None:
    assert path.split("{")[0].rstrip("/") in all_tests()


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_named_by_a_test(name: str) -> None:
    text = all_tests()
    assert any(form in text for form in (name, name.upper(), f"--{name.replace('_', '-')}"))


@pytest.mark.parametrize("code", sorted({row.code for row in TABLE.values()}))
def test_every_error_code_is_named_by_a_test(code: str) -> None:
    assert code in all_tests()


@pytest.mark.parametrize("tool", list(NAMES))
def test_every_tool_is_named_by_a_test(tool: str) -> None:
    assert f'"{tool}"' in all_tests()


def test_the_description_names_every_route_and_no_other() -> None:
    described = {path.replace("{model}", "{model:path}") for path in description()["paths"]}
    assert described == set(routes()) - OPEN_IN_DESCRIPTION


def test_paths_that_need_no_key_are_real_paths() -> None:
    assert set(routes()) >= doors.OPEN_PATHS | doors.MCP_PATHS
