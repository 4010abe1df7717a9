"""The driver of a Ray cluster: `python -m server.background.ray_driver`, started by a server whose executor is Ray.

Its first event says whether the cluster could be joined. A SIGTERM stops the actors in order.
"""

import asyncio
import json
import os
import signal
import sys
from typing import Any

from inference.batches.ray.driver_protocol import READY, REFUSED, written
from inference.errors import SettingsError
from server.background.cluster import DRIVER_VARIABLE
from server.background.open_worker import open_worker

MISSING = (
    "setting executor: Ray is not installed here; install touchstone[ray], in the version that the cluster has, "
    "here and on its machines"
)


def tell(action: str, about: dict[str, Any]) -> None:
    """Tells the server."""
    print(written(action, about), flush=True)


def main() -> int:
    """Drives until it is told to stop. Returns the exit code."""
    try:
        from inference.batches.ray.driver import Driver, Plan  # noqa: PLC0415  Ray may be missing, which is said
    except ModuleNotFoundError as error:
        if error.name != "ray":
            raise
        tell(REFUSED, {"reason": MISSING})
        return 1
    plan = Plan(open_worker=open_worker, **json.loads(os.environ.pop(DRIVER_VARIABLE)))
    return asyncio.run(_drive(Driver(plan, tell)))


async def _drive(driver: Any) -> int:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    try:
        cluster = await driver.connect()
    except SettingsError as error:
        tell(REFUSED, {"reason": error.message})
        return 1
    tell(READY, cluster)
    await driver.run(stop)
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # a thread may hang in a cluster that does not answer; nobody waits for it
