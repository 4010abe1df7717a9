"""What the keyring promises: who is known, for how long, at what cost, and what happens when the store is away."""

import asyncio
import inspect
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.errors import StoreUnavailable
from inference.store.database import Database
from server.accounts.caller import Caller, Role
from server.accounts.key_records import ApiKey, KeyRecords
from server.accounts.key_text import digest_of, new_key
from server.accounts.keyring import FRESH_S, LOOKUPS_MAX, REMEMBERED_MAX, Keyring, operator_of
from server.accounts.token_records import TokenRecords

pytestmark = pytest.mark.anyio

NOW = 1_800_000_000.0
SETTINGS_KEY = "operator-5be20c9f71d4a836"
LIMIT_S = 60.0
A_SECOND = 1.0
QUICK_S = 0.2


class Clock:
    """Seconds since 1970, and since whenever."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


class Counted(KeyRecords):
    """Counts what it is asked. What is `held` is answered once `open` is set, with what was true when it was asked."""

    def __init__(self, database: Database, clock: Clock) -> None:
        super().__init__(database, clock)
        self.checks = self.lookups = self.at_once = self.most_at_once = 0
        self.broken = False
        self.open = asyncio.Event()
        self.held: frozenset[str] = frozenset()
        self.asked = asyncio.Event()

    async def changes(self) -> int:
        self.checks += 1
        number = await super().changes()
        await self._pause("changes")
        return number

    async def find(self, digest: bytes) -> ApiKey | None:
        self.lookups += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            found = await super().find(digest)
            await self._pause("find")
            return found
        finally:
            self.at_once -= 1

    async def key_id_of_token(self, digest: bytes) -> str | None:
        self.lookups += 1
        return await super().key_id_of_token(digest)

    async def _pause(self, asked: str) -> None:
        if asked in self.held:
            self.asked.set()
            await self.open.wait()
        if self.broken:
            raise StoreUnavailable("the database is away")

    def hold(self, *held: str) -> None:
        self.held = frozenset(held)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def records(database: Database, clock: Clock) -> Counted:
    return Counted(database, clock)


def ring(records: KeyRecords, clock: Clock, *, required: bool = True) -> Keyring:
    return Keyring([SETTINGS_KEY], records, required=required, default_plan="enterprise", clock=clock, now=clock)


@pytest.fixture
def keyring(records: Counted, clock: Clock) -> Keyring:
    return ring(records, clock)


async def test_a_key_is_its_caller_and_a_key_of_the_settings_an_operator(records: Counted, keyring: Keyring) -> None:
    ann, text = await records.create("ann", plan="core", expires_at=int(NOW) + 60)
    assert await keyring.caller(text) == Caller(ann.id, ann.id, Role.KEY, "core", int(NOW) + 60)
    root, admin = await records.create("root", is_admin=True, same_owner_as=ann.id)
    assert await keyring.caller(admin) == Caller(root.id, ann.id, Role.ADMIN, "enterprise", None)
    assert await keyring.caller(SETTINGS_KEY) == operator_of(digest_of(SETTINGS_KEY))
    assert operator_of(digest_of(SETTINGS_KEY)).role is Role.OPERATOR


JUNK = [
    "",
    "x",
    "tsk_",
    "tsk_" + "a" * 36,
    "Bearer",
    "tsm_" + "0" * 36,
    "\0",
    "é" * 40,
    SETTINGS_KEY + "x",
    "x" * 100_000,
]


@pytest.mark.parametrize("text", JUNK, ids=range(len(JUNK)))
async def test_junk_is_refused_without_asking_the_store(tmp_path: Path, clock: Clock, text: str) -> None:
    never_opened = KeyRecords(Database(f"sqlite:///{tmp_path / 'never'}"))
    assert await ring(never_opened, clock).caller(text) is None


@given(text=st.text(max_size=60).map(lambda text: "tsk_" + text))
def test_whatever_looks_somewhat_like_a_key_is_refused_without_asking_the_store(text: str) -> None:
    keyring = Keyring([], KeyRecords(Database("sqlite:///never")), required=True)
    assert asyncio.run(keyring.caller(text)) is None


async def test_a_remembered_key_asks_nobody_and_never_waits(records: Counted, keyring: Keyring, clock: Clock) -> None:
    _, text = await records.create("ann")
    known = await keyring.caller(text)
    asked = (records.checks, records.lookups)
    clock.now += FRESH_S * 0.99
    answer = keyring.caller(text)
    with pytest.raises(StopIteration) as returned:  # at its first step, so that no other task has run between
        answer.send(None)
    assert returned.value.value is known
    assert inspect.getcoroutinestate(answer) == inspect.CORO_CLOSED
    assert (records.checks, records.lookups) == asked


async def test_what_is_nobodys_is_looked_up_once_too(records: Counted, keyring: Keyring) -> None:
    text = new_key()
    assert [await keyring.caller(text) for _ in range(3)] == [None] * 3
    assert records.lookups == 1


@pytest.mark.parametrize("how", ["revoke", "rotate"])
async def test_a_key_opens_nothing_a_second_after_it_was_taken_back_elsewhere(
    records: Counted, keyring: Keyring, clock: Clock, database: Database, how: str
) -> None:
    made, text = await records.create("ann")
    assert await keyring.caller(text)
    elsewhere = KeyRecords(database, clock)  # as another gateway has them
    await getattr(elsewhere, how)(made.id)
    clock.now += A_SECOND
    assert await keyring.caller(text) is None


async def test_a_new_key_and_the_new_text_of_a_key_open_at_once_though_they_were_tried_before(
    records: Counted, keyring: Keyring, clock: Clock
) -> None:
    _, text = await records.create("ann")
    assert await keyring.caller(text)
    made, another = await records.create("bob")
    assert await keyring.caller(another)
    _, new = await records.rotate(made.id)
    assert await keyring.caller(new)


async def test_a_key_ends_when_it_expires_though_it_is_remembered(
    records: Counted, keyring: Keyring, clock: Clock
) -> None:
    _, text = await records.create("ann", expires_at=int(NOW) + 100)
    clock.now = NOW + 99.9
    assert await keyring.caller(text)
    clock.now = NOW + 100
    assert await keyring.caller(text) is None
    assert await ring(records, clock).caller(text) is None


async def test_the_store_is_asked_for_changes_twice_a_second_at_the_most(
    records: Counted, keyring: Keyring, clock: Clock
) -> None:
    _, text = await records.create("ann")
    for _ in range(100):
        clock.now += 0.05
        assert await keyring.caller(text)
    assert records.checks <= 100 * 0.05 / FRESH_S + 1
    assert records.lookups == 1


async def test_all_who_come_at_once_share_one_question(records: Counted, keyring: Keyring, clock: Clock) -> None:
    _, text = await records.create("ann")
    await keyring.caller(text)
    clock.now += FRESH_S
    before = records.checks
    records.hold("changes")
    waiting = [asyncio.create_task(keyring.caller(text)) for _ in range(20)]
    await asyncio.wait_for(records.asked.wait(), LIMIT_S)
    records.open.set()
    assert all(await asyncio.gather(*waiting))
    assert records.checks == before + 1


async def test_who_leaves_takes_the_answer_from_nobody_else(records: Counted, keyring: Keyring, clock: Clock) -> None:
    _, text = await records.create("ann")
    records.hold("changes")
    leaves, stays = (asyncio.create_task(keyring.caller(text)) for _ in range(2))
    await asyncio.wait_for(records.asked.wait(), LIMIT_S)
    leaves.cancel()
    await asyncio.wait({leaves})
    records.open.set()
    assert await asyncio.wait_for(stays, LIMIT_S)
    assert leaves.cancelled()


async def test_an_answer_that_was_asked_for_long_ago_is_not_enough_for_who_comes_later(
    records: Counted, keyring: Keyring, clock: Clock
) -> None:
    """The store is slow: it answers what was true a while ago."""
    made, text = await records.create("ann")
    await keyring.caller(text)
    clock.now += FRESH_S
    records.hold("changes")
    early = asyncio.create_task(keyring.caller(text))
    await asyncio.wait_for(records.asked.wait(), LIMIT_S)
    await records.revoke(made.id)
    clock.now += A_SECOND
    late = asyncio.create_task(keyring.caller(text))
    await asyncio.sleep(0)  # it joins those who wait
    records.open.set()
    assert await asyncio.wait_for(late, LIMIT_S) is None
    await asyncio.wait_for(early, LIMIT_S)


async def test_a_change_while_a_key_is_looked_up_is_not_missed(
    records: Counted, keyring: Keyring, clock: Clock
) -> None:
    made, text = await records.create("ann")
    junk = new_key()
    await keyring.caller(junk)
    records.hold("find")
    slow = asyncio.create_task(keyring.caller(text))
    await asyncio.wait_for(records.asked.wait(), LIMIT_S)  # the row was read, and it opens
    records.hold()
    await records.revoke(made.id)
    clock.now += FRESH_S
    await keyring.caller(junk)  # hears of the change, before the other one has its answer
    records.open.set()
    await asyncio.wait_for(slow, LIMIT_S)
    assert await keyring.caller(text) is None


async def test_a_change_here_is_heard_by_the_next_request(records: Counted, keyring: Keyring) -> None:
    made, text = await records.create("ann")
    assert await keyring.caller(text)
    await records.revoke(made.id)
    keyring.look_anew()
    assert await keyring.caller(text) is None


async def test_where_the_store_is_away_keys_of_the_settings_go_on_and_others_cannot_be_told(
    records: Counted, keyring: Keyring, clock: Clock
) -> None:
    _, text = await records.create("ann")
    assert await keyring.caller(text)
    records.broken = True
    clock.now += FRESH_S
    with pytest.raises(StoreUnavailable):
        await keyring.caller(text)
    assert await keyring.caller(SETTINGS_KEY)
    assert await keyring.caller("junk") is None
    records.broken = False
    assert await keyring.caller(text)


async def test_no_more_are_looked_up_at_once_than_the_bound(records: Counted, keyring: Keyring) -> None:
    assert await keyring.caller(new_key()) is None
    records.hold("find")
    waiting = [asyncio.create_task(keyring.caller(new_key())) for _ in range(4 * LOOKUPS_MAX)]
    await asyncio.wait_for(records.asked.wait(), LIMIT_S)
    records.open.set()
    assert not any(await asyncio.gather(*waiting))
    assert 1 <= records.most_at_once <= LOOKUPS_MAX


class Crowd(KeyRecords):
    """A store that knows one key, and answers at once."""

    def __init__(self, text: str) -> None:
        super().__init__(Database("sqlite:///never"))
        self._digest = digest_of(text)
        self.lookups = 0

    async def changes(self) -> int:
        return 1

    async def find(self, digest: bytes) -> ApiKey | None:
        self.lookups += 1
        known = ApiKey("key_1", "key_1", "ann", None, False, "abcd", 0, None, None, None)
        return known if digest == self._digest else None


class Hanging(Crowd):
    """Does not answer one of the questions, and the others without a wait, so that no time is too short for them."""

    held = ""

    async def changes(self) -> int:
        await self._hang("changes")
        return await super().changes()

    async def find(self, digest: bytes) -> ApiKey | None:
        await self._hang("find")
        return await super().find(digest)

    async def _hang(self, question: str) -> None:
        if question == self.held:
            await asyncio.Event().wait()


@pytest.mark.parametrize("question", ["changes", "find"])
async def test_a_store_that_hangs_keeps_nobody_waiting_for_long_and_is_asked_again_by_the_next(
    clock: Clock, question: str
) -> None:
    text = new_key()
    store = Hanging(text)
    keyring = Keyring([SETTINGS_KEY], store, required=True, clock=clock, now=clock, answer_s=QUICK_S)
    store.held = question
    with pytest.raises(StoreUnavailable, match=r"did not say within 0\.2 s"):
        await asyncio.wait_for(keyring.caller(text), LIMIT_S)
    assert await keyring.caller(SETTINGS_KEY)
    store.held = ""
    assert await keyring.caller(text)


async def test_what_others_make_up_drives_no_key_out_of_memory_and_is_bounded(clock: Clock) -> None:
    text = new_key()
    crowd = Crowd(text)
    keyring = ring(crowd, clock)
    first = new_key()
    assert await keyring.caller(text)
    assert await keyring.caller(first) is None
    for _ in range(REMEMBERED_MAX):
        await keyring.caller(new_key())
    asked = crowd.lookups
    assert await keyring.caller(text)
    assert crowd.lookups == asked
    await keyring.caller(first)
    assert crowd.lookups == asked + 1  # forgotten, so that what is remembered has an end


async def test_a_token_is_its_key_until_either_ends(
    records: Counted, keyring: Keyring, clock: Clock, database: Database
) -> None:
    ann, text = await records.create("ann", plan="core", expires_at=int(NOW) + 100)
    tokens = TokenRecords(database, clock)
    token = await tokens.enable(ann.id, text)
    assert await keyring.caller(token) == Caller(ann.id, ann.id, Role.TOKEN, "core", int(NOW) + 100)
    await tokens.disable(ann.id)
    clock.now += A_SECOND
    assert await keyring.caller(token) is None
    another = await tokens.enable(ann.id, text)
    clock.now += A_SECOND
    assert await keyring.caller(another)
    clock.now = NOW + 100
    assert await keyring.caller(another) is None


async def test_a_token_of_a_key_of_the_settings_ends_with_that_setting(
    records: Counted, keyring: Keyring, clock: Clock, database: Database
) -> None:
    token = await TokenRecords(database, clock).enable(operator_of(digest_of(SETTINGS_KEY)).key_id, SETTINGS_KEY)
    found = await keyring.caller(token)
    assert found is not None
    assert found.role is Role.TOKEN
    without = Keyring([], records, required=True, clock=clock, now=clock)
    assert await without.caller(token) is None


async def test_uses_are_noted_by_key(records: Counted, keyring: Keyring, clock: Clock) -> None:
    made, text = await records.create("ann")
    await keyring.caller(text)
    clock.now += 7
    await keyring.caller(text)
    await keyring.caller(new_key())
    assert keyring.used_at == {made.id: int(NOW) + 7}
