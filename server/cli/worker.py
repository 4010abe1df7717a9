"""`touchstone worker`: works off batches beside a server, or beside many, that have the same store.

It takes what is to be done from the database and the blobs that the settings name, and answers requests with judge and
engines of its own. Any number may run, on any number of machines; each may end at any moment.
"""

import asyncio
import os

from inference.judges.cross_encoder.custom.choice import prepare
from server.background.executing import build_worker
from server.background.webhooks import sending_webhooks
from server.children import plans
from server.cli.options import takes_settings
from server.cli.stopping import told_to_stop
from server.house import House, build_house, keeping, loading_judge, open_house, running_models
from server.observe.logs import configure_logs, log_action
from server.observe.tracing import check_traces
from server.setting_groups import LISTENING_SETTINGS
from server.settings import Settings

WORKER_SETTINGS = tuple(name for name in Settings.model_fields if name not in LISTENING_SETTINGS)


@takes_settings(*WORKER_SETTINGS)
def worker(settings: Settings) -> None:
    """Work off batches of the store that the settings name, until told to stop. Nothing listens here."""
    configure_logs(settings.log_level, settings.log_format)
    prepare(settings.cpu_judge, settings.models_dir)
    check_traces(settings)
    plans(settings, os.environ)  # what cannot be started is said before anything is
    asyncio.run(_work(build_house(settings)))


async def _work(house: House) -> None:
    with told_to_stop() as told:
        async with (
            open_house(house),
            house.watching.tracing.running(),
            keeping(house),
            running_models(house),
            loading_judge(house),
            sending_webhooks(house.settings, house.storage.database),
        ):
            working = asyncio.create_task(build_worker(house).run())
            stopping = asyncio.create_task(told.wait())
            log_action("started", worker=os.getpid(), lines_abreast=house.settings.batch_lines_running_max)
            await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            working.cancel()
            try:
                await working  # raises what ended it, if that was not the signal
            except asyncio.CancelledError:
                log_action("stopped", worker=os.getpid())
