"""When a key was used last is written to the minute, exactly at a clean stop, and never put back."""

import asyncio
from typing import Any

import pytest
from harness import ClientOf

from inference.errors import StoreUnavailable
from inference.store.database import Database
from server.accounts import last_use as last_use_module
from server.accounts.key_records import KeyRecords
from server.accounts.keyring import Keyring
from server.accounts.last_use import STEP_S, LastUse, writing_last_use
from server.settings import Settings
from tests.robustness.waiting import wait_until
from tests.server.callers import SETTINGS_KEY, Keys

pytestmark = pytest.mark.anyio

LIMIT_S = 60.0
NOW = 1_800_000_000


class Clock:
    def __init__(self) -> None:
        self.now = float(NOW)

    def __call__(self) -> float:
        return self.now


class Counted(KeyRecords):
    writes = 0
    broken = False
    faults = 0

    def __init__(self, database: Database, clock: Clock) -> None:
        super().__init__(database, clock)
        self.written = asyncio.Event()

    async def note_use(self, *args: Any) -> None:
        if self.faults:
            self.faults -= 1
            raise RuntimeError("nobody foresaw this")
        if self.broken:
            raise StoreUnavailable("the database is away")
        self.writes += 1
        await super().note_use(*args)
        self.written.set()


async def test_a_fault_neither_ends_the_writing_nor_a_stop(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(last_use_module, "LOOKED_EVERY_S", 0.001)
    clock = Clock()
    records = Counted(database, clock)
    keyring = Keyring([], records, required=True, clock=clock, now=clock)
    _, text = await records.create("ann")
    records.faults = 2
    async with writing_last_use(LastUse(keyring, records)):
        await keyring.caller(text)
        await asyncio.wait_for(records.written.wait(), LIMIT_S)
        clock.now += 1
        await keyring.caller(text)
        records.faults = 1  # less than a minute later: it is for the end to write
    assert "last_use_failed" in caplog.text
    assert text not in caplog.text


async def test_a_use_is_written_once_a_minute_and_whatever_is_left_at_the_end(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(last_use_module, "LOOKED_EVERY_S", 3600.0)  # nobody writes beside the test
    clock = Clock()
    records = Counted(database, clock)
    keyring = Keyring([SETTINGS_KEY], records, required=True, clock=clock, now=clock)
    last_use = LastUse(keyring, records)
    made, text = await records.create("ann")

    async def used_at(seconds: int) -> int | None:
        clock.now = NOW + seconds
        await keyring.caller(text)
        await keyring.caller(SETTINGS_KEY)  # is in no store
        await last_use.write()
        return (await records.get(made.id)).last_used_at

    async with writing_last_use(last_use):
        assert [await used_at(at) for at in (0, 1, STEP_S - 1)] == [NOW] * 3
        assert records.writes == 1
        records.broken = True
        with pytest.raises(StoreUnavailable):
            await used_at(STEP_S)
        records.broken = False
        assert await used_at(STEP_S) == NOW + STEP_S
        assert await used_at(STEP_S + 5) == NOW + STEP_S
    assert (await records.get(made.id)).last_used_at == NOW + STEP_S + 5
    assert records.writes == 3


async def test_a_use_that_is_written_is_not_kept_as_keys_come_and_go(database: Database) -> None:
    clock = Clock()
    records = KeyRecords(database, clock)
    keyring = Keyring([], records, required=True, clock=clock, now=clock)
    last_use = LastUse(keyring, records)
    for _ in range(3):
        made, text = await records.create("ann")
        await keyring.caller(text)
        await last_use.write()
        assert keyring.used_at == {}
        assert (await records.get(made.id)).last_used_at == int(clock.now)
        await keyring.caller(text)  # within the minute: kept until it is over
        await last_use.write()
        assert keyring.used_at == {made.id: int(clock.now)}
        clock.now += STEP_S
        await keyring.caller(text)
        await last_use.write()
        assert keyring.used_at == {}


def test_a_use_is_shown_soon(client_of: ClientOf, settings: Settings) -> None:
    client = client_of(settings)
    keys = Keys(client)
    admin, ann = keys.made("root", is_admin=True), keys.made("ann")
    assert client.get("/v1/models", headers=ann.headers).status_code == 200

    def is_shown() -> bool:
        return client.get(f"/v1/api-keys/{ann.id}", headers=admin.headers).json()["last_used_at"] is not None

    wait_until(is_shown, "the use is shown", 30)
