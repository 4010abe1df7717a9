"""The records of keys, on every database that a store may be in."""

import asyncio

import pytest
from sqlalchemy import text as sql

from inference.errors import NotFound, WrongState
from inference.store.database import Database
from server.accounts.key_records import KeyRecords
from server.accounts.key_text import digest_of, is_key

pytestmark = pytest.mark.anyio

NOW = 1_800_000_000
MANY = 8


class Clock:
    def __init__(self) -> None:
        self.now = float(NOW)

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def records(database: Database, clock: Clock) -> KeyRecords:
    return KeyRecords(database, clock)


async def test_a_key_is_found_by_its_text_alone_and_the_text_is_kept_nowhere(
    records: KeyRecords, database: Database
) -> None:
    made, text = await records.create("ann", plan="core", expires_at=NOW + 60, is_admin=True)
    assert is_key(text)
    assert (made.name, made.plan, made.is_admin, made.expires_at) == ("ann", "core", True, NOW + 60)
    assert (made.owner, made.last_four, made.created_at) == (made.id, text[-4:], NOW)
    assert (made.revoked_at, made.last_used_at) == (None, None)
    assert await records.find(digest_of(text)) == made == await records.get(made.id)
    assert await records.find(digest_of(text + "x")) is None
    async with database.reading() as connection:
        kept = str((await connection.execute(sql("SELECT * FROM api_keys"))).all())
    assert text not in kept
    assert text[:-4] not in kept


async def test_a_key_may_have_the_owner_of_another_and_of_none_that_never_was(records: KeyRecords) -> None:
    first, _ = await records.create("first")
    second, _ = await records.create("second", same_owner_as=first.id)
    third, _ = await records.create("third", same_owner_as=second.id)
    assert {first.owner, second.owner, third.owner} == {first.id}
    with pytest.raises(NotFound) as refused:
        await records.create("fourth", same_owner_as="key_nobody")
    assert refused.value.param == "same_owner_as"
    assert len(await records.all()) == 3


async def test_what_is_revoked_stays_so_and_every_change_is_counted(records: KeyRecords, clock: Clock) -> None:
    assert await records.changes() == 0
    made, text = await records.create("ann")
    assert await records.changes() == 1
    clock.now += 5
    gone = await records.revoke(made.id)
    assert gone.revoked_at == NOW + 5
    clock.now += 5
    assert await records.revoke(made.id) == gone
    assert await records.changes() == 2
    assert not gone.opens(clock.now)
    found = await records.find(digest_of(text))
    assert found == gone
    with pytest.raises(WrongState, match="was revoked"):
        await records.rotate(made.id)


async def test_a_rotated_key_is_the_same_key_with_another_text(records: KeyRecords, clock: Clock) -> None:
    made, old = await records.create("ann", plan="core", expires_at=NOW + 60)
    rotated, new = await records.rotate(made.id)
    assert new != old
    assert (rotated.id, rotated.owner, rotated.plan, rotated.last_four) == (made.id, made.owner, "core", new[-4:])
    assert await records.find(digest_of(old)) is None
    assert await records.find(digest_of(new)) == rotated
    clock.now += 60
    with pytest.raises(WrongState, match="has expired"):
        await records.rotate(made.id)


@pytest.mark.parametrize("key_id", ["key_nobody", "", "a\0b", "x" * 10_000, "‮", "\ud800"])
async def test_an_id_that_nobody_has_is_not_found(records: KeyRecords, key_id: str) -> None:
    for ask in (records.get, records.revoke, records.rotate):
        with pytest.raises(NotFound):
            await ask(key_id)
    assert await records.find_id(key_id[:20]) is None


async def test_those_count_that_still_open_something(records: KeyRecords, clock: Clock) -> None:
    await records.create("for good")
    await records.create("for a minute", expires_at=NOW + 60)
    gone, _ = await records.create("revoked")
    await records.revoke(gone.id)
    assert await records.count() == 2
    clock.now += 60
    assert await records.count() == 1


async def test_pages_follow_each_other_in_either_order(records: KeyRecords) -> None:
    ids = [(await records.create(f"{number}"))[0].id for number in range(5)]
    page = await records.page(after=None, limit=2, newest_first=False)
    rest = await records.page(after=page[-1].id, limit=9, newest_first=False)
    assert [key.id for key in (*page, *rest)] == ids
    newest = await records.page(after=ids[3], limit=2, newest_first=True)
    assert [key.id for key in newest] == [ids[2], ids[1]]
    with pytest.raises(NotFound):
        await records.page(after="key_nobody", limit=2, newest_first=True)


async def test_a_use_is_never_put_back(records: KeyRecords) -> None:
    made, _ = await records.create("ann")
    await records.note_use({made.id: NOW + 9, "key_nobody": NOW})
    await records.note_use({made.id: NOW + 5})
    assert (await records.get(made.id)).last_used_at == NOW + 9
    assert await records.changes() == 1  # a use is no change that anybody has to hear of


async def test_of_rotations_at_once_the_last_text_opens_and_no_other(records: KeyRecords) -> None:
    made, _ = await records.create("ann")
    texts = [text for _, text in await asyncio.gather(*(records.rotate(made.id) for _ in range(MANY)))]
    found = [text for text in texts if await records.find(digest_of(text)) is not None]
    assert len(found) == 1
    assert await records.changes() == 1 + MANY
