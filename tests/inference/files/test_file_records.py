"""Looking files up, by many at once."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from inference.files.file import File, Part
from inference.files.file_records import LOOK_UPS_ABREAST, FileRecords
from inference.store.database import Database

LOOK_UPS = 30


class Counting(ThreadPoolExecutor):
    """Threads that know how much was given to them at once, at the most."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._count = 0
        self.most = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        with self._lock:
            self._count += 1
            self.most = max(self.most, self._count)
        given = super().submit(fn, *args, **kwargs)
        given.add_done_callback(self._ended)
        return given

    def _ended(self, _: Future[Any]) -> None:
        with self._lock:
            self._count -= 1


def test_many_downloads_look_their_file_up_in_turns(tmp_path: Path) -> None:
    threads = Counting()

    async def scenario() -> None:
        database = Database(f"sqlite:///{tmp_path / 'store.db'}")
        await database.open()
        records = FileRecords(database)
        for number in range(LOOK_UPS):
            await records.add(File(f"file-{number}", "me", "f", "batch", 1, 1), [Part(f"files/{number}", 1)])
        asyncio.get_running_loop().set_default_executor(threads)
        found = await asyncio.gather(*(records.parts("me", f"file-{number}") for number in range(LOOK_UPS)))
        assert [parts for _, parts in found] == [[Part(f"files/{number}", 1)] for number in range(LOOK_UPS)]
        await database.aclose()

    asyncio.run(scenario())
    assert threads.most <= LOOK_UPS_ABREAST
