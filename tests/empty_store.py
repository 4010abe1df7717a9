"""An empty store with all its tables, made once a process and copied: making it anew is a third of what an application
takes to start. That a server makes its own store is shown by the tests of real servers, which get none from here."""

import asyncio
import contextlib
import functools
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from inference.private_files import create_private_file, make_private_folder
from inference.store.database import Database

NAME = "store.sqlite3"


def put_empty_store(data_dir: Path) -> None:
    """Puts a store there unless there is one. Where nothing can be written, what is tested is left to say so."""
    with contextlib.suppress(OSError):
        make_private_folder(data_dir)
        with create_private_file(data_dir / NAME) as file:
            file.write(empty_store())


@functools.cache
def empty_store() -> bytes:
    """On a thread of its own, since the test may have a loop that runs."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, _made()).result()


async def _made() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / NAME
        database = Database(f"sqlite:///{file}")
        await database.open()
        await database.aclose()
        return file.read_bytes()
