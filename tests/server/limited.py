"""A server inside this process whose keys have plans, with a clock that a test moves."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from harness import ClientOf
from starlette.testclient import TestClient

from server.accounts.memory_limiter import MemoryLimiter
from server.house import build_house
from server.settings import Settings
from tests.server.callers import Key, Keys

PLAN = "small"
LIMIT, REMAINING, RESET = (f"x-ratelimit-{what}-requests" for what in ("limit", "remaining", "reset"))


class Clock:
    """Stands still unless it is moved."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def plans_file(tmp_path: Path, **limits: int) -> Path:
    """A file with one plan that has these limits."""
    path = tmp_path / "plans.toml"
    path.write_text("\n".join([f"[{PLAN}]", *(f"{name} = {limit}" for name, limit in limits.items())]))
    return path


class Limited:
    """A server that asks for keys, a clock and a key whose plan has `limits`."""

    def __init__(
        self, client_of: ClientOf, tmp_path: Path, *urls: str, more: dict[str, Any] | None = None, **limits: int
    ):
        settings = Settings(
            data_dir=tmp_path / "data",
            web_search=False,
            engine_url=urls,
            require_keys=True,
            plans_file=plans_file(tmp_path, **limits),
            default_plan=PLAN,
            **(more or {}),
        )
        house = build_house(settings)
        self.clock = Clock()
        self.limiter = MemoryLimiter(self.clock)
        self.house = replace(house, accounts=replace(house.accounts, limiter=self.limiter))
        self.client: TestClient = client_of(settings, self.house, raise_server_exceptions=False)
        self.keys = Keys(self.client)
        self.key: Key = self.keys.made("ann")
        self.client.headers.update(self.key.headers)

    @property
    def running(self) -> int:
        """Requests that hold a place now."""
        return sum(self.limiter._running.values())
