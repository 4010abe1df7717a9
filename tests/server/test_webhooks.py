"""A server with `webhook_url` tells of the batches that end there."""

import json
import time
from pathlib import Path

import pytest
from pydantic import SecretStr

from inference.batches.batch import Batch, Endpoint, Status
from inference.errors import SettingsError
from server.app import create_app
from server.settings import Settings, load_settings
from tests.inference.webhooks.receiver import Receiver, receiving
from tests.inference.webhooks.test_webhooks import SECRET


async def test_whoever_is_named_is_told_of_a_batch_that_failed(tmp_path: Path) -> None:
    now = int(time.time())
    batch = Batch("batch_1", "o", Status.VALIDATING, Endpoint.CHAT, "24h", "file-gone", now, now + 86_400)
    async with receiving(Receiver()) as receiver:
        settings = Settings(
            data_dir=tmp_path, web_search=False, webhook_url=(receiver.url,), webhook_secret=SecretStr(SECRET)
        )
        app = create_app(settings)
        async with app.router.lifespan_context(app):
            await app.state.house.storage.batches.add(batch)
            app.state.executor.wake()
            await receiver.until(1)
    event = json.loads(receiver.received[0][1])
    assert (event["type"], event["data"]) == ("batch.failed", {"id": "batch_1"})


def test_neither_address_nor_secret_is_part_of_a_message() -> None:
    environment = {
        "TOUCHSTONE_WEBHOOK_URL": "ftp://example.com/hunter2",
        "TOUCHSTONE_WEBHOOK_SECRET": "whsec_hunter2",
    }
    with pytest.raises(SettingsError) as refused:
        load_settings({}, environment)
    assert "hunter2" not in str(refused.value)
