"""Whoever is named hears of every batch that ends, at least once, and can tell who says it."""

import asyncio
import base64
import json
import random
import socket
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openai import InvalidWebhookSignatureError, OpenAI

from inference.batches.batch import Batch, BatchError, Ending, Endpoint, Status
from inference.batches.batch_records import BatchRecords
from inference.batches.working.leases import LeaseLost, Leases, StepLease
from inference.batches.working.steps import Steps
from inference.errors import SettingsError
from inference.store.database import Database
from inference.webhooks.outbox import Outbox, add_event
from inference.webhooks.schedule import KEPT_S, PAUSES_S, TRIES_MAX, pause_s
from inference.webhooks.sender import Sender
from inference.webhooks.signature import SECRET_PREFIX, secret_of
from inference.webhooks.target import target_of
from tests.inference.webhooks.receiver import Receiver, receiving

SECRET = SECRET_PREFIX + base64.b64encode(bytes(range(32))).decode()
Said = list[tuple[str, dict[str, Any]]]


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = Database(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    await opened.open()
    yield opened
    await opened.aclose()


@asynccontextmanager
async def sending(
    database: Database, *urls: str, pause: Callable[[int, random.Random], float | None] = lambda tries, chance: 0.0
) -> AsyncIterator[Said]:
    """A sender at work. What it reports lies in the list."""
    said: Said = []
    targets = tuple(map(target_of, urls))
    sender = Sender(
        Outbox(database), targets, secret_of(SECRET), lambda action, about: said.append((action, about)), pause=pause
    )
    running = asyncio.create_task(sender.run())
    yield said
    running.cancel()
    await asyncio.wait({running})


async def happen(database: Database, *types: str, now_s: int = 1_711_471_533) -> None:
    for type_ in types:
        async with database.writing() as connection:
            await add_event(connection, type_, "batch_1", now_s)


async def until_empty(database: Database) -> None:
    async with asyncio.timeout(60):
        while await _count(database):  # noqa: ASYNC110  another task empties it, through the database alone
            await asyncio.sleep(0.02)


async def _count(database: Database) -> int:
    async with database.reading() as connection:
        return len((await connection.exec_driver_sql("SELECT id FROM webhook_events")).all())


async def _validating(database: Database) -> StepLease:
    now = int(time.time())
    batch = Batch("batch_1", "o", Status.VALIDATING, Endpoint.CHAT, "24h", "file-1", now, now + 86_400)
    await BatchRecords(database).add(batch)
    lease = await Leases(database, "worker").claim_step()
    assert lease is not None
    return lease


@pytest.mark.parametrize("kind", ["completed", "failed", "expired", "cancelled"])
async def test_the_sdk_of_openai_verifies_and_reads_what_is_sent(database: Database, kind: str) -> None:
    async with receiving(Receiver()) as receiver, sending(database, receiver.url):
        await happen(database, f"batch.{kind}")
        await receiver.until(1)
    headers, body = receiver.received[0]
    webhooks = OpenAI(api_key="none", webhook_secret=SECRET).webhooks
    event = webhooks.unwrap(body, headers)
    assert event.type == f"batch.{kind}"
    assert (event.object, event.created_at) == ("event", 1_711_471_533)
    assert type(event).__name__ == f"Batch{kind.title()}WebhookEvent"
    assert json.loads(body)["data"] == {"id": "batch_1"}
    assert headers["webhook-id"] == event.id
    assert event.id.startswith("evt_")
    with pytest.raises(InvalidWebhookSignatureError):
        webhooks.unwrap(body.replace(b"batch_1", b"batch_2"), headers)


async def test_the_library_of_the_specification_verifies_what_is_sent(database: Database) -> None:
    standardwebhooks = pytest.importorskip("standardwebhooks")
    async with receiving(Receiver()) as receiver, sending(database, receiver.url):
        await happen(database, "batch.completed")
        await receiver.until(1)
    headers, body = receiver.received[0]
    assert standardwebhooks.Webhook(SECRET).verify(body, headers)["type"] == "batch.completed"
    other = SECRET_PREFIX + base64.b64encode(bytes(32)).decode()
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(other).verify(body, headers)


async def test_what_failed_is_sent_again_under_the_same_id(database: Database) -> None:
    answers = [500, 302, 429, 200]
    async with receiving(Receiver(lambda count: answers[count - 1])) as receiver, sending(database, receiver.url):
        await happen(database, "batch.completed")
        await receiver.until(4)
        await until_empty(database)
    assert len({headers["webhook-id"] for headers, _ in receiver.received}) == 1
    assert len({body for _, body in receiver.received}) == 1


async def test_a_target_that_is_down_does_not_keep_others_from_being_told_once(database: Database) -> None:
    pauses = iter([0.0, 0.0, None])
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))  # and does not listen: nobody else can have the port meanwhile
        url_of_nobody = f"http://127.0.0.1:{silent.getsockname()[1]}/hook"
        async with (
            receiving(Receiver()) as receiver,
            sending(database, url_of_nobody, receiver.url, pause=lambda tries, chance: next(pauses)) as said,
        ):
            await happen(database, "batch.failed")
            await until_empty(database)
    assert len(receiver.received) == 1
    assert [about["tries"] for action, about in said if action == "webhook_given_up"] == [3]


async def test_a_target_that_answers_gone_is_not_told_of_this_event_again(database: Database) -> None:
    async with receiving(Receiver(lambda count: 410)) as receiver, sending(database, receiver.url):
        await happen(database, "batch.completed")
        await until_empty(database)
        await happen(database, "batch.failed")
        await receiver.until(2)
    assert [json.loads(body)["type"] for _, body in receiver.received] == ["batch.completed", "batch.failed"]


async def test_several_processes_send_an_event_once(database: Database) -> None:
    async with (
        receiving(Receiver()) as receiver,
        sending(database, receiver.url),
        sending(database, receiver.url),
        sending(database, receiver.url),
    ):
        await happen(database, *["batch.completed"] * 40)
        await until_empty(database)
    assert len({headers["webhook-id"] for headers, _ in receiver.received}) == len(receiver.received) == 40


async def test_what_a_dead_process_had_taken_is_sent_by_another_later(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inference.webhooks.outbox.SENDING_S", -1.0)
    await happen(database, "batch.completed")
    taken = await Outbox(database).take(10)
    assert [one.tries for one in taken] == [1]
    async with receiving(Receiver()) as receiver, sending(database, receiver.url):
        await receiver.until(1)
        await until_empty(database)
    await Outbox(database).done(taken[0])  # it lives after all, and changes nothing


async def test_no_address_path_or_secret_is_told_to_the_log(database: Database) -> None:
    async with receiving(Receiver(lambda count: 500)) as receiver:
        url = receiver.url.replace("://", "://user:hunter2@") + "?token=hunter3"
        async with sending(database, url, pause=lambda tries, chance: None) as said:
            await happen(database, "batch.completed")
            await until_empty(database)
    assert {action for action, _ in said} == {"webhook_refused", "webhook_given_up"}
    assert not any(secret in repr(said) for secret in ("hunter", "/hook", SECRET))
    assert receiver.received[0][0]["authorization"].startswith("Basic ")


async def test_a_batch_that_is_refused_and_its_event_are_there_together_or_not_at_all(database: Database) -> None:
    lease, steps = await _validating(database), Steps(database)
    with pytest.raises(LeaseLost):
        await steps.refuse(StepLease(lease.batch, lease.epoch - 1), [BatchError("empty_file", "Empty.")])
    assert await _count(database) == 0
    await steps.refuse(lease, [BatchError("empty_file", "Empty.")])
    [sent] = await Outbox(database).take(10)
    assert (sent.event.type, sent.event.about) == ("batch.failed", "batch_1")


@pytest.mark.parametrize(
    ("ending", "type_"),
    [(None, "batch.completed"), (Ending.EXPIRED, "batch.expired"), (Ending.CANCELLED, "batch.cancelled")],
)
async def test_the_end_of_a_batch_is_told_by_its_name(database: Database, ending: Ending | None, type_: str) -> None:
    lease, steps = await _validating(database), Steps(database)
    ended = StepLease(replace(lease.batch, ending=ending), lease.epoch)
    with pytest.raises(LeaseLost):
        await steps.end(StepLease(ended.batch, lease.epoch - 1))
    await steps.end(ended)
    assert [one.event.type for one in await Outbox(database).take(10)] == [type_]


async def test_events_that_nobody_sends_are_dropped_in_the_end(database: Database) -> None:
    await happen(database, "batch.completed", now_s=1_000_000)
    await happen(database, "batch.failed", now_s=1_000_001 + KEPT_S)
    assert [one.event.type for one in await Outbox(database).take(10)] == ["batch.failed"]


def test_tries_are_spread_over_about_a_day_and_end() -> None:
    chance = random.Random(7)  # noqa: S311  no secret
    pauses: Sequence[float | None] = [pause_s(tries, chance) for tries in range(1, TRIES_MAX + 1)]
    assert pauses[-1] is None
    waited = [pause for pause in pauses if pause is not None]
    assert waited != list(PAUSES_S)
    assert 24 * 3600 < sum(waited) < KEPT_S
    assert 24 * 3600 < sum(PAUSES_S) * 1.1 < KEPT_S


@pytest.mark.parametrize(
    ("secret", "says"),
    [
        ("hunter2hunter2hunter2hunter2", "begins with whsec_"),
        ("whsec_hunter2!", "base64"),
        ("whsec_aHVudGVyMg==", "24 to 64 bytes, this one has 7"),
    ],
)
def test_a_secret_that_is_none_is_refused_without_being_repeated(secret: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says) as refused:
        secret_of(secret)
    assert "hunter" not in refused.value.message
    assert "aHVudGVyMg" not in refused.value.message


@pytest.mark.parametrize("url", ["example.com/hook", "ftp://example.com", "https://", "http://[::1/hook", ""])
def test_what_is_no_address_of_a_server_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match=r"https://example\.com/hook"):
        target_of(url)


def test_plain_http_is_for_this_network_alone() -> None:
    for near in ("http://127.0.0.1:9/x", "http://10.1.2.3/x", "http://hooks:8080/x", "https://example.com/x"):
        assert target_of(near).url == near
    with pytest.raises(SettingsError, match="give its address as https://"):
        target_of("http://example.com/x")
