"""Whose key it is that a request carries.

Keys of the settings are known by themselves. Those of the store are looked up once and remembered, for as long as the
store says that no key has changed: it is asked twice a second at the most, and before anything remembered is used. So a
key that was revoked, here or at another gateway, opens nothing after a second, however slow the store is: a request
waits until what is known was asked for no more than half a second before it came. A store that cannot be asked raises
StoreUnavailable, and so does one that does not answer: who cannot be told apart is not let in. What has no right
checksum is refused without asking anybody.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import TypeVar

from cachetools import LRUCache

from inference.errors import StoreUnavailable
from server.accounts.caller import LOCAL, Caller, Role
from server.accounts.key_records import ApiKey, KeyRecords
from server.accounts.key_text import digest_of, is_ours, is_token

FRESH_S = 0.5
"""For which what is remembered is used without asking whether keys have changed."""

REMEMBERED_MAX = 10_000
"""Keys that are remembered; and as many texts that are none, apart: who makes some up drives no key out."""

ANSWER_S = 5.0
"""For the store to answer a question, which takes it a millisecond. One connection that is dead without saying so must
not keep all keys waiting for as long as the driver does: the next question goes out on another."""

LOOKUPS_MAX = 4
"""Texts that are looked up at once: anybody can make some that look like keys."""

OWNER_CHARS = 32
"""Of a digest: the owner of what a key of the settings makes."""

OPERATOR_ID_PREFIX = "settings_"
"""Of the ids of keys of the settings."""

_ID_CHARS = 12

AnswerT = TypeVar("AnswerT")


class Keyring:
    """The keys that open the server. `required` says whether one is needed at all."""

    def __init__(
        self,
        keys: Iterable[str],
        records: KeyRecords,
        *,
        required: bool,
        default_plan: str | None = None,
        clock: Callable[[], float] = time.time,
        now: Callable[[], float] = time.monotonic,
        answer_s: float = ANSWER_S,
    ) -> None:
        """`keys` are those of the settings. Does no I/O."""
        self.required = required
        self._operators = {digest: operator_of(digest) for digest in map(digest_of, keys)}
        self._by_id = {caller.key_id: caller for caller in self._operators.values()}
        self._records = records
        self._default_plan = default_plan
        self._clock = clock
        self._now = now
        self._answer_s = answer_s
        self._known: LRUCache[bytes, Caller] = LRUCache(REMEMBERED_MAX)
        self._nobodys: LRUCache[bytes, None] = LRUCache(REMEMBERED_MAX)
        self._number = -1
        self._checked_at = float("-inf")
        self._check: asyncio.Task[None] | None = None
        self._changes_here = 0
        self._lookups = asyncio.Semaphore(LOOKUPS_MAX)
        self.used_at: dict[str, int] = {}
        """When each key was used last here, by its id, in seconds since 1970: what nobody has written yet."""

    async def caller(self, text: str) -> Caller | None:
        """Whose key or MCP token `text` is; None if it is nobody's. Raises StoreUnavailable."""
        digest = digest_of(text)
        known = self._operators.get(digest)
        if known is None and (digest in self._known or is_ours(text)):
            known = await self._stored(text, digest)
        if known is not None and known.role is not Role.LOCAL:
            self.used_at[known.key_id] = int(self._clock())
        return known

    def look_anew(self) -> None:
        """Keys or tokens have just changed here: the next request asks the store, however fresh what is remembered is.
        Other gateways learn of it within a second."""
        self._changes_here += 1
        self._checked_at = float("-inf")
        self._check = None  # what is asked already may have been answered before

    async def _stored(self, text: str, digest: bytes) -> Caller | None:
        if self._now() - self._checked_at >= FRESH_S:
            await self._be_current()
        found = self._known.get(digest)
        if found is None and digest not in self._nobodys:
            found = await self._look_up(text, digest)
        if found is not None and found.expires_at is not None and self._clock() >= found.expires_at:
            return None
        return found

    async def _look_up(self, text: str, digest: bytes) -> Caller | None:
        async with self._lookups:
            number = self._number
            found = await self._in_time(self._of_token(digest) if is_token(text) else self._of_key(digest))
            if number == self._number:  # else it may have changed since it was read
                self._remember(digest, found)
            return found

    def _remember(self, digest: bytes, found: Caller | None) -> None:
        if found is None:
            self._nobodys[digest] = None
        else:
            self._known[digest] = found

    async def _of_key(self, digest: bytes) -> Caller | None:
        key = await self._records.find(digest)
        return self._caller_of(key) if key and key.opens(self._clock()) else None

    async def _of_token(self, digest: bytes) -> Caller | None:
        key_id = await self._records.key_id_of_token(digest)
        if key_id is None:
            return None
        owner: Caller | None
        if key_id == LOCAL.key_id:
            owner = None if self.required else LOCAL
        elif key_id.startswith(OPERATOR_ID_PREFIX):
            owner = self._by_id.get(key_id)
        else:
            key = await self._records.find_id(key_id)
            owner = self._caller_of(key) if key and key.opens(self._clock()) else None
        return replace(owner, role=Role.TOKEN) if owner else None

    def _caller_of(self, key: ApiKey) -> Caller:
        role = Role.ADMIN if key.is_admin else Role.KEY
        return Caller(key.id, key.owner, role, key.plan or self._default_plan, key.expires_at)

    async def _be_current(self) -> None:
        """Asks the store once for all who wait, whoever of them leaves. What was asked before may be too old for this
        one; what is asked after it came is not, so that it waits for two answers at the most."""
        oldest = self._now() - FRESH_S
        while self._checked_at <= oldest:
            if self._check is None:
                self._check = asyncio.create_task(self._ask())
                self._check.add_done_callback(self._asked)
            await asyncio.shield(self._check)

    async def _ask(self) -> None:
        asked_at, changes_here = self._now(), self._changes_here
        number = await self._in_time(self._records.changes())
        if number != self._number:
            self._known.clear()
            self._nobodys.clear()
            self._number = number
        if changes_here == self._changes_here:  # else whoever comes next asks again
            self._checked_at = asked_at

    async def _in_time(self, question: Awaitable[AnswerT]) -> AnswerT:
        """The answer of the store. Raises StoreUnavailable, also where it takes longer than ANSWER_S."""
        try:
            async with asyncio.timeout(self._answer_s):
                return await question
        except TimeoutError:
            raise StoreUnavailable(
                f"the database did not say within {self._answer_s:g} s whose key this is; try again"
            ) from None

    def _asked(self, check: asyncio.Task[None]) -> None:
        if self._check is check:
            self._check = None
        if not check.cancelled():
            check.exception()  # whoever waits is told; nobody may


def operator_of(digest: bytes) -> Caller:
    """Whose key of the settings has this digest."""
    text = digest.hex()
    return Caller(OPERATOR_ID_PREFIX + text[:_ID_CHARS], text[:OWNER_CHARS], Role.OPERATOR)
