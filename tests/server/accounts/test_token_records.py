"""Tokens as transactions: one a key however many ask at once, and never one for a text that the key has lost."""

import asyncio

import pytest
from sqlalchemy import select

from inference.errors import WrongState
from inference.store.database import Database
from inference.store.tables import MCP_TOKENS
from server.accounts.caller import LOCAL, Role
from server.accounts.key_records import KeyRecords
from server.accounts.key_text import digest_of, is_token, new_key
from server.accounts.keyring import FRESH_S, OPERATOR_ID_PREFIX, Keyring
from server.accounts.token_records import TokenRecords

OF_THE_SETTINGS = OPERATOR_ID_PREFIX + "0123456789ab"


class Hands:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Slow(KeyRecords):
    """Records that say how often keys have changed only when they are let."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.asked, self.may_answer = asyncio.Event(), asyncio.Event()
        self.may_answer.set()

    async def changes(self) -> int:
        number = await super().changes()
        self.asked.set()
        await self.may_answer.wait()
        return number


@pytest.fixture
def keys(database: Database) -> KeyRecords:
    return KeyRecords(database)


@pytest.fixture
def tokens(database: Database) -> TokenRecords:
    return TokenRecords(database)


@pytest.mark.parametrize("kind", ["a key of the store", "a key of the settings", "no key"])
async def test_many_who_ask_at_once_get_one_token(keys: KeyRecords, tokens: TokenRecords, kind: str) -> None:
    key_id, text = LOCAL.key_id, ""
    if kind == "a key of the store":
        key, text = await keys.create("ann")
        key_id = key.id
    elif kind == "a key of the settings":
        key_id, text = OF_THE_SETTINGS, "the text of a key of the settings"
    made = await asyncio.gather(*(tokens.enable(key_id, text) for _ in range(20)))
    assert len(set(made)) == 1
    assert is_token(made[0])
    assert await tokens.shown(key_id, text) == made[0]


async def test_of_all_who_switch_on_and_off_at_once_the_last_one_wins(keys: KeyRecords, tokens: TokenRecords) -> None:
    key, text = await keys.create("ann")
    await asyncio.gather(*(do for _ in range(10) for do in (tokens.enable(key.id, text), tokens.disable(key.id))))
    await tokens.disable(key.id)
    assert await tokens.shown(key.id, text) is None
    token = await tokens.enable(key.id, text)
    assert await tokens.shown(key.id, text) == token


async def test_two_keys_have_two_tokens_and_each_ends_its_own(keys: KeyRecords, tokens: TokenRecords) -> None:
    (ann, anns_text), (bob, bobs_text) = await keys.create("ann"), await keys.create("bob")
    anns, bobs = await tokens.enable(ann.id, anns_text), await tokens.enable(bob.id, bobs_text)
    assert anns != bobs
    await tokens.disable(ann.id)
    assert await tokens.shown(ann.id, anns_text) is None
    assert await tokens.shown(bob.id, bobs_text) == bobs


async def test_a_text_that_was_rotated_away_makes_no_token(keys: KeyRecords, tokens: TokenRecords) -> None:
    key, old = await keys.create("ann")
    _, new = await keys.rotate(key.id)
    with pytest.raises(WrongState, match="rotated"):
        await tokens.enable(key.id, old)
    assert await tokens.shown(key.id, new) is None
    assert is_token(await tokens.enable(key.id, new))


async def test_a_revoked_key_and_one_that_never_was_make_no_token(keys: KeyRecords, tokens: TokenRecords) -> None:
    key, text = await keys.create("ann")
    await keys.revoke(key.id)
    with pytest.raises(WrongState, match="revoked"):
        await tokens.enable(key.id, text)
    with pytest.raises(WrongState):
        await tokens.enable("key_that_never_was", new_key())


async def test_whoever_rotates_while_a_token_is_made_leaves_none_of_the_old_text(
    keys: KeyRecords, tokens: TokenRecords
) -> None:
    """Whichever comes first: the token is made and taken away, or it is not made."""
    for _ in range(10):
        key, old = await keys.create("ann")
        made, rotated = await asyncio.gather(tokens.enable(key.id, old), keys.rotate(key.id), return_exceptions=True)
        assert isinstance(made, str | WrongState), made
        assert isinstance(rotated, tuple), rotated
        assert await tokens.shown(key.id, rotated[1]) is None


async def test_a_token_of_another_text_is_not_shown_and_is_replaced_when_asked(tokens: TokenRecords) -> None:
    first = await tokens.enable(OF_THE_SETTINGS, "one text")
    with pytest.raises(WrongState, match="/v1/mcp/enable"):
        await tokens.shown(OF_THE_SETTINGS, "another text")
    second = await tokens.enable(OF_THE_SETTINGS, "another text")
    assert second != first
    assert await tokens.shown(OF_THE_SETTINGS, "another text") == second


async def test_what_is_kept_gives_no_token_away(database: Database, keys: KeyRecords, tokens: TokenRecords) -> None:
    key, text = await keys.create("ann")
    token = await tokens.enable(key.id, text)
    async with database.reading() as connection:
        kept = (await connection.execute(select(MCP_TOKENS))).one()
    assert kept.digest == digest_of(token)
    assert token not in str(kept)
    assert text not in str(kept)


async def test_another_gateway_lets_an_ended_token_in_no_longer_than_what_it_remembers_is_fresh(
    database: Database, keys: KeyRecords, tokens: TokenRecords
) -> None:
    now = Hands()
    elsewhere = Keyring((), KeyRecords(database), required=True, now=now)
    key, text = await keys.create("ann")
    token = await tokens.enable(key.id, text)
    caller = await elsewhere.caller(token)
    assert caller is not None
    assert (caller.key_id, caller.owner, caller.role) == (key.id, key.owner, Role.TOKEN)
    await tokens.disable(key.id)
    now.now += FRESH_S
    assert await elsewhere.caller(token) is None
    assert await elsewhere.caller(await tokens.enable(key.id, text)) is not None


async def test_the_gateway_that_ends_a_token_refuses_it_at_once(
    database: Database, keys: KeyRecords, tokens: TokenRecords
) -> None:
    here = Keyring((), keys, required=True, now=Hands())
    key, text = await keys.create("ann")
    token = await tokens.enable(key.id, text)
    assert await here.caller(token) is not None
    await tokens.disable(key.id)
    here.look_anew()
    assert await here.caller(token) is None


async def test_it_is_refused_also_if_the_store_was_asked_just_before(database: Database, tokens: TokenRecords) -> None:
    now, records = Hands(), Slow(database)
    here = Keyring((), records, required=True, now=now)
    key, text = await records.create("ann")
    token = await tokens.enable(key.id, text)
    assert await here.caller(token) is not None
    now.now += FRESH_S
    records.asked.clear()
    records.may_answer.clear()
    early = asyncio.create_task(here.caller(token))
    await records.asked.wait()  # and answered from before the change
    await tokens.disable(key.id)
    here.look_anew()
    records.may_answer.set()
    assert await here.caller(token) is None
    await early
    assert await here.caller(token) is None


async def test_a_token_ends_with_its_key(database: Database) -> None:
    clock = Hands()
    keys = KeyRecords(database, clock)
    ring = Keyring((), keys, required=True, clock=clock)
    key, text = await keys.create("ann", expires_at=2000, is_admin=True)
    token = await TokenRecords(database).enable(key.id, text)
    caller = await ring.caller(token)
    assert caller is not None
    assert caller.role is Role.TOKEN  # and not of an administrator
    clock.now = 2000.0
    assert await ring.caller(token) is None


async def test_the_token_of_a_key_that_left_the_settings_opens_nothing(database: Database) -> None:
    keys, text = KeyRecords(database), "a-key-of-the-settings-0001"
    with_it = Keyring([text], keys, required=True)
    caller = await with_it.caller(text)
    assert caller is not None
    token = await TokenRecords(database).enable(caller.key_id, text)
    assert await with_it.caller(token) is not None
    assert await Keyring(["another-key-0002"], keys, required=True).caller(token) is None
