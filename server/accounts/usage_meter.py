"""What keys use, gathered here and written to the store in batches.

A write is numbered and counts once (`UsageRecords.write`), so one that was broken off, by the store or because whoever
waited for it was cancelled, is tried again as it was: nothing is lost and nothing counts twice. What a process has
gathered since its last write goes with it if it is killed: a second's worth, while the store can be written.
"""

import asyncio
import contextlib
import logging
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass

from inference.errors import SettingsError, StorageError
from inference.usage.token_usage import NO_USAGE, TokenUsage
from inference.usage.usage_records import UsageRecords
from inference.usage.used import NOTHING, ByModel, UsageKey, Used, day_of
from server.background.beside import beside
from server.observe.logs import log_action, log_fault

WRITTEN_EVERY_S = 1.0
"""Between two writes, where there is something to write."""

LAST_WRITE_S = 10.0
"""For the store to take what is left at the end."""

LAST_TRIES_MAX = 5
LAST_PAUSE_S = 0.5
"""Before another try at the end."""

ENTRIES_MAX = 10_000
"""Keys, days and models that are gathered while the store cannot be written. What else comes is counted for its key and
day all the same, as of the model OTHER."""

TOTALS_MAX = 1_000
"""Keys with models that Prometheus is told of, since each makes five series; what comes later is OTHER's of OTHER."""

OTHER = "other"

DAY_S = 86_400

Opening = Callable[[], Awaitable[None]]
"""Opens the store if it is not open. Raises StorageError and SettingsError."""


@dataclass(slots=True)
class _Sum:
    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0

    def used(self) -> Used:
        return Used(self.requests, self.input_tokens, self.output_tokens)


class UsageMeter:
    """Counts for all keys. What is not written yet is never lost but by a kill."""

    def __init__(self, records: UsageRecords, clock: Callable[[], float] = time.time) -> None:
        """`clock` gives seconds since 1970. Does no I/O."""
        self._records = records
        self._clock = clock
        self._day_from_s = float("-inf")
        self._day = ""
        self._gathered: dict[tuple[str, str, str], _Sum] = {}
        self._unsure: dict[UsageKey, Used] = {}
        """Given to the store, and not known to be written."""
        self._writer = secrets.token_hex(16)
        self._number = 0
        self._turn = asyncio.Lock()
        self._totals: dict[tuple[str, str], Used] = {}

    def add(self, key_id: str, model: str, *, requests: int = 0, tokens: TokenUsage = NO_USAGE) -> None:
        """Counts for a key and a model, today."""
        now_s = self._clock()
        if not self._day_from_s <= now_s < self._day_from_s + DAY_S:
            self._day_from_s = now_s // DAY_S * DAY_S
            self._day = day_of(int(self._day_from_s))
        found = self._gathered.get((key_id, self._day, model)) or self._new(key_id, model)
        found.requests += requests
        if tokens is not NO_USAGE:
            found.input_tokens += tokens.input
            found.output_tokens += tokens.output

    def hear(self, key_id: str, used: ByModel) -> None:
        """Adds to the totals what somebody else has written, such as a worker with its results."""
        for model, amount in used.items():
            _add_total(self._totals, key_id, model, amount)

    @property
    def unwritten(self) -> Used:
        """What is not known to be in the store."""
        return sum((each.used() for each in self._gathered.values()), sum(self._unsure.values(), NOTHING))

    def totals(self) -> Mapping[tuple[str, str], Used]:
        """What was counted here since this process began, by key and model."""
        totals = dict(self._totals)
        for (key_id, _, model), each in self._gathered.items():
            _add_total(totals, key_id, model, each.used())
        return totals

    async def write(self) -> None:
        """Writes what was gathered before. Raises StoreUnavailable: then it is kept, and written later."""
        async with self._turn:
            await self._settle()
            if self._gathered:
                self._take()
                await self._settle()

    async def leave(self) -> None:
        """Says that nothing more is written from here. Raises StoreUnavailable."""
        if self._number:
            await self._records.leave(self._writer)

    def _new(self, key_id: str, model: str) -> _Sum:
        model = model if len(self._gathered) < ENTRIES_MAX else OTHER
        return self._gathered.setdefault((key_id, self._day, model), _Sum())

    def _take(self) -> None:
        gathered, self._gathered = self._gathered, {}
        self._unsure = {UsageKey(*key): each.used() for key, each in gathered.items()}
        for key, used in self._unsure.items():
            _add_total(self._totals, key.key_id, key.model, used)
        self._number += 1

    async def _settle(self) -> None:
        """Writes what is not known to be written. If it was, this changes nothing."""
        if self._unsure:
            await self._records.write(self._writer, self._number, self._unsure)
            self._unsure = {}


def _add_total(totals: dict[tuple[str, str], Used], key_id: str, model: str, used: Used) -> None:
    key = (key_id, model)
    if key not in totals and len(totals) >= TOTALS_MAX:
        key = (OTHER, OTHER)
    totals[key] = totals.get(key, NOTHING) + used


async def open_already() -> None:
    """For a store that is opened by others, such as at the start of a server."""


@contextlib.asynccontextmanager
async def writing_usage(meter: UsageMeter, opening: Opening = open_already) -> AsyncIterator[None]:
    """Writes now and then beside what is inside, and once more at the end. Logs what could not be written then.
    `opening` is called before there is something to write."""
    try:
        async with beside(_write_now_and_then(meter, opening)):
            yield
    finally:
        await _write_the_last(meter, opening)


async def _write_now_and_then(meter: UsageMeter, opening: Opening) -> None:
    waits = False
    while True:
        await asyncio.sleep(WRITTEN_EVERY_S)
        try:
            await _write(meter, opening)
        except (StorageError, SettingsError) as error:
            if not waits:
                log_action("usage_waits", logging.WARNING, reason=error.message)
            waits = True
        except Exception as error:  # noqa: BLE001  a fault must not end the count of everybody; the next write tries again
            log_fault(error, "usage_failed")
        else:
            waits = False


async def _write(meter: UsageMeter, opening: Opening) -> None:
    if meter.unwritten != NOTHING:
        await opening()
        await meter.write()


async def _write_the_last(meter: UsageMeter, opening: Opening) -> None:
    reason = f"the store took longer than {LAST_WRITE_S:g} s"
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LAST_WRITE_S):
            for _ in range(LAST_TRIES_MAX):
                try:
                    await _write(meter, opening)
                    if meter.unwritten == NOTHING:
                        await meter.leave()
                        return
                except (StorageError, SettingsError) as error:
                    reason = error.message
                    await asyncio.sleep(LAST_PAUSE_S)
                except Exception as error:  # noqa: BLE001  a stop goes on whatever it was, and says what is lost
                    reason = type(error).__name__
                    log_fault(error, "usage_failed")
                    await asyncio.sleep(LAST_PAUSE_S)
    if (left := meter.unwritten) != NOTHING:
        log_action("usage_lost", logging.ERROR, requests=left.requests, tokens=left.total_tokens, reason=reason)
