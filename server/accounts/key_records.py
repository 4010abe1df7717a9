"""The records of API keys: a digest and what goes with it, never their texts. Whose an MCP token is, too.

What ends a key ends its token in the same transaction (`token_records.py` makes tokens).
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import RowMapping, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from inference.errors import Kind, NotFound, WrongState
from inference.files.file_records import Clock
from inference.files.ids import ID_CHARS_MAX, has_place, is_id, new_id
from inference.store.database import Database, transaction
from inference.store.tables import API_KEYS, MCP_TOKENS
from server.accounts.access_changes import changes_noted, note_change
from server.accounts.key_text import digest_of, new_key

KEY_ID_PREFIX = "key_"
"""Of the ids of keys, which are no secrets."""

LAST_CHARS = 4
"""Of a key, which are kept so that its owner knows which one it is."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is known of a key. Times are whole seconds since 1970."""

    id: str
    owner: str
    name: str
    plan: str | None
    is_admin: bool
    last_four: str
    created_at: int
    expires_at: int | None
    revoked_at: int | None
    last_used_at: int | None

    def opens(self, now_s: float) -> bool:
        """Whether it still opens anything."""
        return self.revoked_at is None and (self.expires_at is None or now_s < self.expires_at)


class KeyRecords:
    """The records in `database`. `clock` gives seconds since 1970. Everything raises StoreUnavailable."""

    def __init__(self, database: Database, clock: Clock = time.time) -> None:
        self._database = database
        self._clock = clock

    @transaction
    async def create(
        self,
        name: str,
        *,
        plan: str | None = None,
        expires_at: int | None = None,
        is_admin: bool = False,
        same_owner_as: str | None = None,
    ) -> tuple[ApiKey, str]:
        """Makes a key, and returns it with its text, which is not to be had again. Its owner is itself, or that of the
        key `same_owner_as`. Raises NotFound if there is no such key."""
        text = new_key()
        async with self._database.writing() as connection:
            key_id = new_id(KEY_ID_PREFIX)
            owner = key_id
            if same_owner_as is not None:
                owner = (await self._get(connection, same_owner_as, "same_owner_as")).owner
            row = {
                "id": key_id,
                "owner": owner,
                "name": name,
                "plan": plan,
                "is_admin": int(is_admin),
                "digest": digest_of(text),
                "last_four": text[-LAST_CHARS:],
                "created_at": int(self._clock()),
                "expires_at": expires_at,
            }
            await connection.execute(insert(API_KEYS), row)
            await self._changed(connection)
            return await self._get(connection, key_id), text

    @transaction
    async def all(self) -> Sequence[ApiKey]:
        """All keys, also those that open nothing any more, the oldest first."""
        async with self._database.reading() as connection:
            rows = await connection.execute(select(API_KEYS).order_by(API_KEYS.c.number))
            return [_key_of(row) for row in rows.mappings()]

    @transaction
    async def page(self, *, after: str | None, limit: int, newest_first: bool) -> Sequence[ApiKey]:
        """Up to `limit` keys, from the one that comes after `after`. Raises NotFound for an `after` that never was the
        id of a key."""
        if after is not None and not has_place(after, KEY_ID_PREFIX):
            raise no_key(after, "after")
        query = select(API_KEYS).order_by(API_KEYS.c.id.desc() if newest_first else API_KEYS.c.id.asc()).limit(limit)
        if after is not None:
            query = query.where(API_KEYS.c.id < after if newest_first else API_KEYS.c.id > after)
        async with self._database.reading() as connection:
            return [_key_of(row) for row in (await connection.execute(query)).mappings()]

    @transaction
    async def count(self) -> int:
        """How many keys still open anything."""
        alive = or_(API_KEYS.c.expires_at.is_(None), API_KEYS.c.expires_at > self._clock())
        query = select(func.count()).select_from(API_KEYS).where(API_KEYS.c.revoked_at.is_(None), alive)
        async with self._database.reading() as connection:
            return await connection.scalar(query) or 0

    @transaction
    async def note_use(self, used: Mapping[str, int]) -> None:
        """Notes when keys, by their ids, were used last. A later use that is known already stays."""
        async with self._database.writing() as connection:
            for key_id, used_at in sorted(used.items()):  # in an order in which no two wait for each other
                later = or_(API_KEYS.c.last_used_at.is_(None), API_KEYS.c.last_used_at < used_at)
                noted = update(API_KEYS).where(API_KEYS.c.id == key_id, later).values(last_used_at=used_at)
                await connection.execute(noted)

    @transaction
    async def get(self, key_id: str) -> ApiKey:
        """The key. Raises NotFound."""
        async with self._database.reading() as connection:
            return await self._get(connection, key_id)

    @transaction
    async def revoke(self, key_id: str) -> ApiKey:
        """Has the key, and its MCP token, open nothing any more. Twice is as good as once. Raises NotFound."""
        async with self._database.writing() as connection:
            key = await self._get(connection, key_id, lock=True)
            if key.revoked_at is not None:
                return key
            await _end_token(connection, key_id)
            return await self._change(connection, key_id, revoked_at=int(self._clock()))

    @transaction
    async def rotate(self, key_id: str) -> tuple[ApiKey, str]:
        """Gives the key another text, and returns it with it. The old text, and the MCP token that was made of it, open
        nothing any more. Raises NotFound, and WrongState for a key that was revoked or has expired."""
        text = new_key()
        async with self._database.writing() as connection:
            key = await self._get(connection, key_id, lock=True)
            if not key.opens(self._clock()):
                how = "was revoked" if key.revoked_at is not None else "has expired"
                raise WrongState(f"the key {key_id!r} {how}, so it cannot be rotated; create another one", "key_id")
            await _end_token(connection, key_id)
            changed = await self._change(connection, key_id, digest=digest_of(text), last_four=text[-LAST_CHARS:])
            return changed, text

    @transaction
    async def give_plan(self, key_id: str, plan: str | None) -> ApiKey:
        """Has the limits of `plan` hold for the key, and returns it. None: those of the default plan of the server
        that is asked. Raises NotFound."""
        async with self._database.writing() as connection:
            await self._get(connection, key_id, lock=True)
            return await self._change(connection, key_id, plan=plan)

    @transaction
    async def find(self, digest: bytes) -> ApiKey | None:
        """The key whose text has this digest, whether it opens anything or not."""
        async with self._database.reading() as connection:
            return await _first(connection, select(API_KEYS).where(API_KEYS.c.digest == digest))

    @transaction
    async def find_id(self, key_id: str) -> ApiKey | None:
        """The key that has this id."""
        async with self._database.reading() as connection:
            return await _first(connection, select(API_KEYS).where(API_KEYS.c.id == key_id))

    @transaction
    async def key_id_of_token(self, digest: bytes) -> str | None:
        """The id of the key that has the MCP token whose text has this digest."""
        async with self._database.reading() as connection:
            query = select(MCP_TOKENS.c.key_id).where(MCP_TOKENS.c.digest == digest)
            key_id: str | None = await connection.scalar(query)
            return key_id

    @transaction
    async def changes(self) -> int:
        """How often keys or tokens have changed."""
        async with self._database.reading() as connection:
            return await changes_noted(connection)

    async def _get(
        self, connection: AsyncConnection, key_id: str, param: str = "key_id", *, lock: bool = False
    ) -> ApiKey:
        query = select(API_KEYS).where(API_KEYS.c.id == key_id)
        found = await _first(connection, query.with_for_update() if lock else query) if is_id(key_id) else None
        if found is None:
            raise no_key(key_id, param)
        return found

    async def _change(self, connection: AsyncConnection, key_id: str, **values: object) -> ApiKey:
        await connection.execute(update(API_KEYS).where(API_KEYS.c.id == key_id).values(values))
        await self._changed(connection)
        return await self._get(connection, key_id)

    async def _changed(self, connection: AsyncConnection) -> None:
        await note_change(connection, is_sqlite=self._database.is_sqlite)


async def _end_token(connection: AsyncConnection, key_id: str) -> None:
    await connection.execute(delete(MCP_TOKENS).where(MCP_TOKENS.c.key_id == key_id))


async def _first(connection: AsyncConnection, query: object) -> ApiKey | None:
    row = (await connection.execute(query)).mappings().first()  # type: ignore[call-overload]  # a Select of all columns
    return _key_of(row) if row else None


def no_key(key_id: str, param: str = "key_id") -> NotFound:
    """What is said of an id that is none of a key, or of none that the caller may see."""
    return NotFound(f"there is no key {key_id[:ID_CHARS_MAX]!r} here", param, Kind.KEY)


def _key_of(row: RowMapping) -> ApiKey:
    fields = {name: row[name] for name in ApiKey.__dataclass_fields__}
    return ApiKey(**fields | {"is_admin": bool(row["is_admin"])})
