"""Looking files up, by many at once."""

import asyncio
from pathlib import Path

from inference.files.file import File, Part
from inference.files.file_records import LOOK_UPS_ABREAST, FileRecords
from inference.store.database import Database
from tests.counted_threads import CountedThreads

LOOK_UPS = 30


def test_many_downloads_look_their_file_up_in_turns(tmp_path: Path) -> None:
    threads = CountedThreads()

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
