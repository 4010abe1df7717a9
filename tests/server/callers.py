"""Callers of every sort at one server inside this process: keys and tokens that open it, and such that do not."""

import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any

from starlette.testclient import TestClient

from server.accounts.key_records import KeyRecords
from server.accounts.key_text import new_key
from tests.robustness.waiting import wait_until

SETTINGS_KEY = "a-key-of-the-settings-0001"
AN_HOUR_S = 3600
HEARD_WITHIN_S = 60.0
"""That a key opens nothing any more: a second where the machine is not busy."""

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
        """Revokes it, and waits until the server has heard."""
        self._run(self._records.revoke, key.id)
        self._wait_until_refused(key.text)

    def rotated(self, key: Key) -> Key:
        """The same key with another text. Waits until the server has heard."""
        _, text = self._run(self._records.rotate, key.id)
        self._wait_until_refused(key.text)
        return Key(key.id, text)

    def token(self, headers: Headers) -> str:
        """The MCP token of whoever has these headers."""
        answer = self._client.post("/v1/mcp/enable", headers=headers)
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["token"]
        return token

    def disabled_token(self, headers: Headers) -> str:
        """What was the MCP token of whoever has these headers. Waits until the server has heard."""
        token = self.token(headers)
        assert self._client.post("/v1/mcp/disable", headers=headers).status_code == 200
        self._wait_until_refused(token)
        return token

    def _wait_until_refused(self, text: str) -> None:
        def refused() -> bool:
            answer = self._client.get("/v1/models", headers=bearer(text))
            return bool(answer.status_code == 401)

        wait_until(refused, "the key opens nothing any more", HEARD_WITHIN_S)

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
    of_ann = keys.made("ann's other key, whose token no row disables", same_owner_as=ann.id)
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
            "token": bearer(keys.token(of_ann.headers)),
            "off": bearer(keys.disabled_token(off.headers)),
            "other": keys.made("bob").headers,
            "key": ann.headers,
            "setting": bearer(SETTINGS_KEY),
            "admin": keys.made("admin", is_admin=True).headers,
        },
    )
