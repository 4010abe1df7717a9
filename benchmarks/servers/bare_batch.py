"""A bare loop over the lines of a batch file: the least that asyncio and aiohttp make of it, as one would write it.

`python -m benchmarks.servers.bare_batch INPUT OUTPUT UPSTREAM AT_ONCE` prints the seconds that it took. Nothing is
checked, nothing tried again, nothing synced: what is lost when it stops is lost.
"""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import aiohttp


async def main(given: Path, results: Path, upstream: str, at_once: int) -> None:
    started = time.perf_counter()
    with given.open() as lines, results.open("w") as out:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            await asyncio.gather(*(_ask(session, upstream, iter(lines), out) for _ in range(at_once)))
    print(time.perf_counter() - started)


async def _ask(session: aiohttp.ClientSession, upstream: str, lines: Iterator[str], out: TextIO) -> None:
    for text in lines:
        line = json.loads(text)
        async with session.post(upstream + line["url"], json=line["body"]) as answer:
            response = {"status_code": answer.status, "body": await answer.json()}
        out.write(json.dumps({"custom_id": line["custom_id"], "response": response, "error": None}) + "\n")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])))
