"""When each key was used last, written to the store now and then.

To the minute, to spare writes: a later use is written once it is a minute after the one that was written, and whatever
is not written yet at a clean stop. A use is never put back. What a kill loses is a minute at the most.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping

from inference.errors import StoreUnavailable
from server.accounts.key_records import KEY_ID_PREFIX, KeyRecords
from server.accounts.keyring import Keyring
from server.background.beside import beside
from server.observe.logs import log_fault

LOOKED_EVERY_S = 1.0
"""Between two looks at which keys were used."""

STEP_S = 60
"""Between two uses of a key that are both written."""

LAST_WRITE_S = 5.0
"""For the store to take what is left at the end."""


class LastUse:
    """Of all keys that `keyring` has known."""

    def __init__(self, keyring: Keyring, records: KeyRecords) -> None:
        """Does no I/O."""
        self._keyring = keyring
        self._records = records
        self._written: dict[str, int] = {}

    async def write(self, *, step_s: int = STEP_S) -> None:
        """Writes the uses that are `step_s` later than those that were written. Raises StoreUnavailable: then they are
        written later."""
        used = {key_id: at for key_id, at in self._keyring.used_at.items() if self._is_later(key_id, at, step_s)}
        if not used:
            return
        await self._records.note_use(used)
        self._written |= used
        self._forget(used)

    def _forget(self, written: Mapping[str, int]) -> None:
        """Keys come and go: what is written is not kept, nor when it was once that makes no difference any more."""
        for key_id, at in written.items():
            if self._keyring.used_at.get(key_id) == at:
                del self._keyring.used_at[key_id]
        newest = max(written.values())
        self._written = {key_id: at for key_id, at in self._written.items() if newest - at < STEP_S}

    def _is_later(self, key_id: str, at: int, step_s: int) -> bool:
        """Keys of the settings, and callers without one, are not in the store."""
        return key_id.startswith(KEY_ID_PREFIX) and at - self._written.get(key_id, -step_s) >= step_s


@contextlib.asynccontextmanager
async def writing_last_use(last_use: LastUse) -> AsyncIterator[None]:
    """Writes now and then beside what is inside, and once more at the end."""
    try:
        async with beside(_write_now_and_then(last_use)):
            yield
    finally:
        try:
            async with asyncio.timeout(LAST_WRITE_S):
                await last_use.write(step_s=1)
        except (StoreUnavailable, TimeoutError):
            pass
        except Exception as error:  # noqa: BLE001  a stop goes on whatever it was
            log_fault(error, "last_use_failed")


async def _write_now_and_then(last_use: LastUse) -> None:
    while True:
        await asyncio.sleep(LOOKED_EVERY_S)
        try:
            await last_use.write()
        except StoreUnavailable:
            continue
        except Exception as error:  # noqa: BLE001  a fault must not end it for all keys; the next look tries again
            log_fault(error, "last_use_failed")
