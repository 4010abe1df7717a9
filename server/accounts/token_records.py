"""The MCP tokens of keys: switched on, shown, switched off.

A token is made of its key's text and a nonce (`token_of` in key_text.py). Kept are the nonce and the token's digest, so
whoever has the key can be shown the token again, and whoever reads the database has neither. What that rests on:

- A key has one token at a time, whoever asks for it at once. Another one has another nonce.
- The token of a key of the store is made only while the text that it is made of is that key's, which is looked at in
  the same transaction. So a text that was rotated away, perhaps because others know it, makes no token any more, though
  it may be remembered elsewhere for up to a second.
- Callers who need no key share one token, whatever text they send: it is made of none. Who reads the database could
  make it too, but it opens nothing that is not open, and nothing at all once keys are required.
- A token that is not the one whose digest is kept is never shown.
"""

import time

from sqlalchemy import RowMapping, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from inference.errors import WrongState
from inference.files.file_records import Clock
from inference.store.database import Database, transaction
from inference.store.tables import API_KEYS, MCP_TOKENS
from inference.store.upsert import upsert
from server.accounts.access_changes import note_change
from server.accounts.key_records import KEY_ID_PREFIX
from server.accounts.key_text import digest_of, new_nonce, token_of


class TokenRecords:
    """The records in `database`. `clock` gives seconds since 1970. Everything raises StoreUnavailable."""

    def __init__(self, database: Database, clock: Clock = time.time) -> None:
        self._database = database
        self._clock = clock

    @transaction
    async def shown(self, key_id: str, text: str) -> str | None:
        """The token of the key `key_id`, which is `text`; None if it has none now. Raises WrongState if it is not one
        that can be made of `text`."""
        async with self._database.reading() as connection:
            found = await _row(connection, key_id)
        if found is None:
            return None
        token = _made_of(text, found)
        if token is None:
            raise WrongState(
                "the MCP token of this key cannot be shown: it was made of another text. POST /v1/mcp/enable makes a "
                "new one, and ends the old one"
            )
        return token

    @transaction
    async def enable(self, key_id: str, text: str) -> str:
        """The token of the key `key_id`, which is `text`, made if it has none. Raises WrongState if that key has
        another text now, or opens nothing any more."""
        async with self._database.writing() as connection:
            await self._check_key(connection, key_id, text)
            found = await _row(connection, key_id)
            token = _made_of(text, found) if found else None
            if token is not None:
                return token
            if found is not None:
                await connection.execute(delete(MCP_TOKENS).where(MCP_TOKENS.c.digest == found["digest"]))
            made = await self._make(connection, key_id, text)
            await note_change(connection, is_sqlite=self._database.is_sqlite)
            return made

    @transaction
    async def disable(self, key_id: str) -> None:
        """Has the token of the key `key_id` open nothing any more. Twice is as good as once."""
        async with self._database.writing() as connection:
            gone = await connection.execute(delete(MCP_TOKENS).where(MCP_TOKENS.c.key_id == key_id))
            if gone.rowcount:
                await note_change(connection, is_sqlite=self._database.is_sqlite)

    async def _make(self, connection: AsyncConnection, key_id: str, text: str) -> str:
        """A new token; or that of whoever was faster, in a database with several writers."""
        nonce = new_nonce()
        token = token_of(text, nonce)
        row = {"key_id": key_id, "digest": digest_of(token), "nonce": nonce, "created_at": int(self._clock())}
        insert = upsert(MCP_TOKENS, self._database.is_sqlite).on_conflict_do_nothing(index_elements=["key_id"])
        if (await connection.execute(insert, row)).rowcount:
            return token
        faster = await _row(connection, key_id)
        made = _made_of(text, faster) if faster else None
        if made is None:  # and slower ones have disabled it again, or the like
            raise WrongState("the MCP token of this key is being changed by others just now; try again")
        return made

    async def _check_key(self, connection: AsyncConnection, key_id: str, text: str) -> None:
        """Raises WrongState if `text` is not what opens the key any more. Whoever revokes or rotates it meanwhile waits
        until the token is there, and takes it away."""
        if not key_id.startswith(KEY_ID_PREFIX):
            return  # of the settings, whose id is made of its text; or nobody's
        query = select(API_KEYS.c.digest, API_KEYS.c.revoked_at).where(API_KEYS.c.id == key_id).with_for_update()
        key = (await connection.execute(query)).first()
        if key is None or key.revoked_at is not None or key.digest != digest_of(text):
            raise WrongState("this API key was revoked or rotated a moment ago; use its new text")


async def _row(connection: AsyncConnection, key_id: str) -> RowMapping | None:
    query = select(MCP_TOKENS.c.digest, MCP_TOKENS.c.nonce).where(MCP_TOKENS.c.key_id == key_id)
    return (await connection.execute(query)).mappings().first()


def _made_of(text: str, row: RowMapping) -> str | None:
    """The token that `row` is of, if it was made of `text`."""
    token = token_of(text, row["nonce"])
    return token if digest_of(token) == row["digest"] else None
