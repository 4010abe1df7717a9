"""A workplace for each test, on a loop whose clock runs fast: the waits of retries and graces are long."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from inference.batches.working import retry, worker
from inference.store import database
from tests.inference.batches.working.workplace import LIMIT_S, SPEED, FastLoop, Workplace, workplace

SELDOMER = 3
"""How much longer a worker waits between two looks at the store. On a clock that runs fast it does little but look."""


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, Any]]:
    return "asyncio", {"loop_factory": FastLoop}


@pytest.fixture
async def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Workplace]:
    for module, name in ((database, "CLOSE_TIMEOUT_S"), (worker, "STOP_S"), (retry, "PATIENCE_S")):
        # Bounds on what threads do, or last as long as what they do, whose time goes by as ever.
        monkeypatch.setattr(module, name, LIMIT_S * SPEED)
    monkeypatch.setattr(worker, "STOP_GRACE_S", worker.STOP_GRACE_S * SPEED)  # likewise
    monkeypatch.setattr(worker, "FAILURE_PAUSE_MAX_S", 0.1)  # by the clock of the store, which runs as ever
    for name in ("POLL_S", "ENDINGS_S", "EXPIRE_S"):
        monkeypatch.setattr(worker, name, getattr(worker, name) * SELDOMER)
    async with workplace(tmp_path) as place:
        yield place
