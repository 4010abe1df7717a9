"""The meter counts exactly, whatever becomes of a write: cancelled, refused, carried out without a word, or beside
another gateway's."""

import asyncio
import logging
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from inference.errors import StoreUnavailable
from inference.store.database import Database
from inference.usage.token_usage import TokenUsage
from inference.usage.usage_records import MODEL_CHARS_MAX, WRITERS_KEPT_S, By, Chosen, UsageRecords
from inference.usage.used import UsageKey, Used
from server.accounts import usage_meter
from server.accounts.usage_figures import UsageFigures
from server.accounts.usage_meter import ENTRIES_MAX, OTHER, TOTALS_MAX, UsageMeter, writing_usage

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC).timestamp()
DAY = "2026-11-26"


class BreakableRecords(UsageRecords):
    """Records whose writes fail, before they count or after, as often as `fails` says; `lasting` is a store that is
    down until it is false again."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, lambda: NOON)
        self.fails: list[str] = []
        self.lasting = False
        self.refused = asyncio.Event()

    async def write(self, writer: str, number: int, used: Mapping[UsageKey, Used]) -> None:
        how = self.fails.pop() if self.fails else ""
        if how == "fault":
            raise RuntimeError("nobody foresaw this")
        if how == "before" or self.lasting:
            self.refused.set()
            raise StoreUnavailable("the database is locked")
        await super().write(writer, number, used)
        if how == "after":
            raise StoreUnavailable("the connection was lost")


@pytest.fixture
def records(database: Database) -> BreakableRecords:
    return BreakableRecords(database)


@pytest.fixture
def meter(records: BreakableRecords) -> UsageMeter:
    return UsageMeter(records, lambda: NOON)


async def counted(records: UsageRecords, by: By = By.MODEL) -> dict[str, Used]:
    return {each.name: each.used for each in await records.sums(Chosen(), by)}


async def test_what_many_keys_use_of_many_models_is_summed_by_key_day_and_model(
    meter: UsageMeter, records: BreakableRecords
) -> None:
    for number in range(300):
        meter.add(f"key_{number % 3}", f"m{number % 2}", requests=1, tokens=TokenUsage(input=number, output=2))
    await meter.write()
    rows = await records.page(Chosen(), after=None, limit=100)
    assert [row.key for row in rows] == [UsageKey(f"key_{k}", DAY, f"m{m}") for k in range(3) for m in range(2)]
    for row in rows:
        key, model = int(row.key.key_id[-1]), int(row.key.model[-1])
        mine = [number for number in range(300) if number % 3 == key and number % 2 == model]
        assert row.used == Used(len(mine), sum(mine), 2 * len(mine))


@pytest.mark.parametrize("how", ["before", "after"])
async def test_a_write_that_failed_before_or_after_its_commit_counts_once(
    meter: UsageMeter, records: BreakableRecords, how: str
) -> None:
    records.fails = [how, how]
    for _ in range(2):
        meter.add("key_1", "m", requests=1, tokens=TokenUsage(input=3, output=4))
        with pytest.raises(StoreUnavailable):
            await meter.write()
    meter.add("key_1", "m", requests=1)
    await meter.write()
    assert await counted(records) == {"m": Used(3, 6, 8)}
    assert meter.unwritten == Used()


async def test_writes_that_are_cancelled_at_any_moment_neither_lose_nor_double(
    meter: UsageMeter, records: BreakableRecords
) -> None:
    for number in range(60):
        meter.add("key_1", "m", requests=1, tokens=TokenUsage(input=1))
        writing = asyncio.create_task(meter.write())
        for _ in range(number):
            await asyncio.sleep(0)
        writing.cancel()
        await asyncio.wait({writing})
    await meter.write()
    assert await counted(records) == {"m": Used(60, 60, 0)}


async def test_requests_count_while_a_write_is_under_way(meter: UsageMeter, records: BreakableRecords) -> None:
    async def ask(key_id: str) -> None:
        for _ in range(50):
            meter.add(key_id, "m", requests=1, tokens=TokenUsage(output=1))
            await asyncio.sleep(0)

    async def write() -> None:
        for _ in range(20):
            await meter.write()

    await asyncio.gather(write(), write(), *(ask(f"key_{number}") for number in range(8)))
    await meter.write()
    assert await counted(records, By.KEY) == {f"key_{number}": Used(50, 0, 50) for number in range(8)}


async def test_two_gateways_on_one_store_add_up(store_url: str, database: Database) -> None:
    other = Database(store_url)
    await other.open()
    meters = [UsageMeter(UsageRecords(each), lambda: NOON) for each in (database, other)]

    async def use(meter: UsageMeter) -> None:
        for number in range(25):
            for model in ("a", "b", "c"):
                meter.add("key_1", model, requests=1, tokens=TokenUsage(input=number))
            await meter.write()

    await asyncio.gather(*map(use, meters))
    assert await counted(UsageRecords(database)) == {model: Used(50, 600, 0) for model in "abc"}
    await other.aclose()


async def test_a_request_counts_for_its_day_in_utc(records: BreakableRecords) -> None:
    now = datetime(2026, 11, 26, 23, 59, 59, tzinfo=UTC).timestamp()
    meter = UsageMeter(records, lambda: now)
    meter.add("key_1", "m", requests=1)
    now += 1
    meter.add("key_1", "m", requests=1)
    await meter.write()
    assert await counted(records, By.DAY) == {"2026-11-26": Used(1), "2026-11-27": Used(1)}


async def test_while_the_store_is_down_all_is_kept_and_the_end_writes_it(
    meter: UsageMeter, records: BreakableRecords, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(usage_meter, "WRITTEN_EVERY_S", 0.001)
    records.lasting = True
    async with writing_usage(meter):
        meter.add("key_1", "m", requests=1)
        async with asyncio.timeout(60):
            await records.refused.wait()
        assert "usage_waits reason=the database is locked" in caplog.text
        assert meter.unwritten == Used(1)
        records.lasting = False
    assert await counted(records) == {"m": Used(1)}
    assert "usage_lost" not in caplog.text


async def test_a_stop_while_the_store_is_down_says_how_much_was_not_written(
    meter: UsageMeter, records: BreakableRecords, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(usage_meter, "LAST_PAUSE_S", 0.001)
    records.lasting = True
    async with writing_usage(meter):
        meter.add("key_1", "m", requests=2, tokens=TokenUsage(input=5, output=6))
    lost = [record for record in caplog.records if "usage_lost" in record.getMessage()]
    assert [record.levelno for record in lost] == [logging.ERROR]
    assert "requests=2 tokens=11 reason=the database is locked" in lost[0].getMessage()
    assert "key_1" not in caplog.text


@pytest.mark.parametrize("faults", [1, 100])
async def test_a_stop_goes_on_though_the_last_write_meets_a_fault(
    meter: UsageMeter,
    records: BreakableRecords,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    faults: int,
) -> None:
    monkeypatch.setattr(usage_meter, "LAST_PAUSE_S", 0.001)
    records.fails = ["fault"] * faults
    async with writing_usage(meter):
        meter.add("key_1", "m", requests=2)
    assert "usage_failed" in caplog.text
    assert ("usage_lost requests=2" in caplog.text) is (faults > 1)
    assert await counted(records) == ({} if faults > 1 else {"m": Used(2)})


async def test_beyond_the_bound_on_entries_a_key_is_still_counted_under_another_models_name(
    meter: UsageMeter, records: BreakableRecords
) -> None:
    for number in range(ENTRIES_MAX + 3):
        meter.add("key_1", f"m{number}", requests=1)
    assert meter.unwritten == Used(ENTRIES_MAX + 3)
    await meter.write()
    assert await counted(records, By.KEY) == {"key_1": Used(ENTRIES_MAX + 3)}
    assert (await records.sums(Chosen(model=OTHER), By.MODEL))[0].used == Used(3)


async def test_of_a_long_name_of_a_model_the_beginning_counts(meter: UsageMeter, records: BreakableRecords) -> None:
    for end in ("x", "y"):
        meter.add("key_1", "\N{SNOWMAN}" * MODEL_CHARS_MAX + end, requests=1)
    await meter.write()
    assert await counted(records) == {"\N{SNOWMAN}" * MODEL_CHARS_MAX: Used(2)}


async def test_writers_are_forgotten_when_they_leave_or_were_killed_long_ago(
    database: Database, records: BreakableRecords
) -> None:
    now = NOON - WRITERS_KEPT_S - 1
    killed = UsageRecords(database, lambda: now)
    used = {UsageKey("key_1", DAY, "m"): Used(1)}
    await killed.write("killed", 1, used)
    await records.write("lives", 1, used)
    await records.leave("third")
    await killed.write("killed", 1, used)
    await records.write("lives", 1, used)
    assert await counted(records) == {"m": Used(3)}, "the one that is known does not count twice"


def meter_that_never_writes() -> UsageMeter:
    return UsageMeter(UsageRecords(Database("sqlite://")), lambda: NOON)


def test_prometheus_is_told_the_totals_of_this_process() -> None:
    meter = meter_that_never_writes()
    meter.add("key_1", 'm"1', requests=1, tokens=TokenUsage(input=3, output=4))
    meter.hear("key_1", {'m"1': Used(10, 20, 30)})
    registry = CollectorRegistry()
    registry.register(UsageFigures(meter))
    text = generate_latest(registry).decode()
    assert 'touchstone_usage_requests_total{key="key_1",model="m\\"1"} 11.0' in text
    assert 'touchstone_usage_tokens_total{key="key_1",kind="input",model="m\\"1"} 23.0' in text
    assert 'touchstone_usage_tokens_total{key="key_1",kind="output",model="m\\"1"} 34.0' in text


async def test_what_is_written_stays_in_the_totals(meter: UsageMeter) -> None:
    for _ in range(3):
        meter.add("key_1", "m", requests=1)
        await meter.write()
    meter.add("key_1", "m", requests=1)
    assert meter.totals() == {("key_1", "m"): Used(4)}


def test_prometheus_is_told_of_a_bounded_number_of_keys_and_models() -> None:
    meter = meter_that_never_writes()
    for number in range(TOTALS_MAX + 7):
        meter.add(f"key_{number}", "m", requests=1)
    totals = meter.totals()
    assert len(totals) == TOTALS_MAX + 1
    assert totals[OTHER, OTHER] == Used(7)
