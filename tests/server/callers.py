"""Callers of every sort at one server inside this process: keys and tokens that open it, and such that do not."""

import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import delete, insert
from starlette.testclient import TestClient

from inference.store.tables import MCP_TOKENS
from server.accounts.key_records import KeyRecords
from server.accounts.key_text import digest_of, new_key, new_nonce, token_of

SETTINGS_KEY = "a-key-of-the-settings-0001"
AN_HOUR_S = 3600

Headers = dict[str, str]


@dataclass(frozen=True)
class Key:
    """A key of the store, and its text."""

    id: str
    text: str

    @property
    def headers(self) -> Headers:
        return bearer(self.text)


def bearer(text: str) -> Headers:
    return {"authorization": f"Bearer {text}"}


class Keys:
    """Makes keys and MCP tokens at the server behind `client`, and takes them back."""

    def __init__(self, client: TestClient) -> None:
        self._client = client
        self._records: KeyRecords = client.app.state.house.accounts.keys  # type: ignore[attr-defined]  # Starlette's

    def made(self, name: str, **how: Any) -> Key:
        key, text = self._run(self._records.create, name, **how)
        return Key(key.id, text)

    def expired(self, name: str) -> Key:
        return self.made(name, expires_at=int(time.time()) - AN_HOUR_S)

    def revoked(self, name: str) -> Key:
        key = self.made(name)
        self.revoke(key)
        return key

    def revoke(self, key: Key) -> None:
        self._run(self._records.revoke, key.id)

    def rotated(self, key: Key) -> Key:
        """The same key with another text."""
        _, text = self._run(self._records.rotate, key.id)
        return Key(key.id, text)

    def token(self, key: Key) -> str:
        """The MCP token of the key."""
        nonce = new_nonce()
        token = token_of(key.text, nonce)
        self._run(self._keep_token, key.id, digest_of(token), nonce)
        return token

    async def _keep_token(self, key_id: str, digest: bytes, nonce: bytes) -> None:
        async with self._records._database.writing() as connection:
            row = {"key_id": key_id, "digest": digest, "nonce": nonce, "created_at": int(time.time())}
            await connection.execute(insert(MCP_TOKENS), row)

    async def _drop_token(self, key_id: str) -> None:
        async with self._records._database.writing() as connection:
            await connection.execute(delete(MCP_TOKENS).where(MCP_TOKENS.c.key_id == key_id))

    def disabled_token(self, key: Key) -> str:
        """What was the MCP token of the key."""
        token = self.token(key)
        self._run(self._drop_token, key.id)
        return token

    def _run(self, work: Callable[..., Coroutine[Any, Any, Any]], *values: Any, **named: Any) -> Any:
        assert self._client.portal is not None
        return self._client.portal.call(partial(work, *values, **named))


@dataclass(frozen=True)
class Callers:
    """What each of them sends; `ann` is the one whose things are asked for."""

    ann: Headers
    by_name: dict[str, Headers]


def callers_of(client: TestClient) -> Callers:
    """All who may call a server, whether it asks for keys or not."""
    keys = Keys(client)
    ann = keys.made("ann")
    replaced = keys.made("replaced")
    keys.rotated(replaced)
    off = keys.made("whose token was disabled")
    return Callers(
        ann.headers,
        {
            "none": {},
            "junk": bearer("sk-anything"),
            "text": bearer("sk-anything"),
            "unknown": bearer(new_key()),
            "revoked": keys.revoked("revoked").headers,
            "expired": keys.expired("expired").headers,
            "rotated": replaced.headers,
            "token": bearer(keys.token(ann)),
            "off": bearer(keys.disabled_token(off)),
            "other": keys.made("bob").headers,
            "key": ann.headers,
            "setting": bearer(SETTINGS_KEY),
            "admin": keys.made("admin", is_admin=True).headers,
        },
    )
