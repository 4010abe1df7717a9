"""`touchstone worker`: works off batches beside a server, or beside many, that have the same store.

It takes what is to be done from the database and the blobs that the settings name, and answers requests with judge and
engines of its own. Any number may run, on any number of machines; each may end at any moment.
"""

import asyncio
import os
import signal
import sys
from types import FrameType

from inference.judges.cross_encoder.custom.choice import prepare
from server.children import plans
from server.cli.options import takes_settings
from server.executing import build_worker
from server.house import House, build_house, keeping, loading_judge, open_house, running_models
from server.logs import configure_logs, log_action
from server.settings import LISTENING_SETTINGS, Settings

WORKER_SETTINGS = tuple(name for name in Settings.model_fields if name not in LISTENING_SETTINGS)


@takes_settings(*WORKER_SETTINGS)
def worker(settings: Settings) -> None:
    """Work off batches of the store that the settings name, until told to stop. Nothing listens here."""
    configure_logs(settings.log_level)
    prepare(settings.cpu_judge, settings.models_dir)
    plans(settings, os.environ)  # what cannot be started is said before anything is
    asyncio.run(_work(build_house(settings)))


async def _work(house: House) -> None:
    told_to_stop = asyncio.Event()
    _on_signals(asyncio.get_running_loop(), told_to_stop)
    async with open_house(house), keeping(house), running_models(house), loading_judge(house):
        working = asyncio.create_task(build_worker(house).run())
        stopping = asyncio.create_task(told_to_stop.wait())
        log_action("started", worker=os.getpid(), lines_abreast=house.settings.batch_lines_running_max)
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        working.cancel()
        try:
            await working  # raises what ended it, if that was not the signal
        except asyncio.CancelledError:
            log_action("stopped", worker=os.getpid())


def _on_signals(loop: asyncio.AbstractEventLoop, told_to_stop: asyncio.Event) -> None:
    """Makes Ctrl-C and a terminating system a stop in order, with exit code 0. A second Ctrl-C ends it at once: what
    was answered last is then answered again by others."""

    def stop(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        loop.call_soon_threadsafe(told_to_stop.set)

    signal.signal(signal.SIGINT, stop)
    if sys.platform != "win32":
        signal.signal(signal.SIGTERM, stop)
