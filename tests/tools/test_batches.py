"""What a caller can do with batches, over a real store."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from inference.batches.batch import Batch, Endpoint, Status
from inference.batches.batch_records import BatchRecords
from inference.errors import BadInput, NotFound, TooLarge, WrongState
from inference.files.file import File
from inference.files.file_records import FileRecords
from inference.store.database import Database
from tools.batches import Batches

NOW = 1_800_000_000
ASKED: Mapping[str, Any] = {"input_file_id": "file-mine", "endpoint": "/v1/chat/completions"}


@pytest.fixture
async def batches(database: Database) -> Batches:
    files = FileRecords(database, lambda: NOW)
    for file_id, owner, purpose in (
        ("file-mine", "me", "batch"),
        ("file-data", "me", "user_data"),
        ("file-theirs", "them", "batch"),
    ):
        await files.add(File(file_id, owner, "lines.jsonl", purpose, 0, NOW), [])
    return Batches(BatchRecords(database, lambda: NOW), files, open_max=3, clock=lambda: NOW)


async def test_a_new_batch_waits_to_be_validated_and_is_told_of(batches: Batches) -> None:
    rings: list[str] = []
    batches.bell.listen(lambda: rings.append("rung"))
    made = await batches.create("me", **ASKED, metadata={"run": "7"}, priority=3, output_expires_after_s=3600)
    assert made == Batch(
        id=made.id,
        owner="me",
        status=Status.VALIDATING,
        endpoint=Endpoint.CHAT,
        completion_window="24h",
        input_file_id="file-mine",
        created_at=NOW,
        expires_at=NOW + 24 * 3600,
        output_expires_after_s=3600,
        metadata={"run": "7"},
        priority=3,
    )
    assert made.id.startswith("batch_")
    assert await batches.get("me", made.id) == made
    assert rings == ["rung"]


@pytest.mark.parametrize(
    ("window", "seconds"), [("1m", 60), ("30m", 1800), ("12h", 43_200), ("24h", 86_400), ("14d", 1_209_600)]
)
async def test_a_window_may_be_minutes_hours_or_days(batches: Batches, window: str, seconds: int) -> None:
    made = await batches.create("me", **ASKED, completion_window=window)
    assert made.expires_at == NOW + seconds
    assert made.completion_window == window


@pytest.mark.parametrize(
    ("changed", "param", "said"),
    [
        ({"input_file_id": ""}, "input_file_id", "id of a file"),
        ({"input_file_id": 7}, "input_file_id", "id of a file"),
        ({"input_file_id": "file-data"}, "input_file_id", 'purpose "user_data"; upload it with purpose "batch"'),
        ({"endpoint": "/v1/responses"}, "endpoint", "'/v1/responses' cannot be called by batches"),
        ({"endpoint": ["/v1/embeddings"]}, "endpoint", "/v1/verify/reliability"),
        ({"completion_window": "0m"}, "completion_window", "'0m' is too short"),
        ({"completion_window": "15d"}, "completion_window", "'15d' is too long"),
        ({"completion_window": "24"}, "completion_window", "'24' is none"),
        ({"completion_window": "1h30m"}, "completion_window", "'1h30m' is none"),
        ({"completion_window": "٣h"}, "completion_window", "is none"),
        ({"completion_window": 24}, "completion_window", "24 is none"),
        ({"completion_window": "9" * 500}, "completion_window", "what was sent is none"),
        ({"metadata": "run 7"}, "metadata", "an object"),
        ({"metadata": {"run": 7}}, "metadata.run", "no text"),
        ({"metadata": {"": "7"}}, "metadata", "1 to 64"),
        ({"metadata": {"k" * 65: "7"}}, "metadata", "1 to 64"),
        ({"metadata": {"run": "7" * 513}}, "metadata.run", "513 characters"),
        ({"metadata": {str(n): "" for n in range(17)}}, "metadata", "17 pairs"),
        ({"priority": 11}, "priority", "from -10 to 10"),
        ({"priority": "high"}, "priority", "from -10 to 10"),
        ({"priority": True}, "priority", "from -10 to 10"),
        ({"output_expires_after_s": 3599}, "output_expires_after.seconds", "from 3,600 to 2,592,000"),
        ({"output_expires_after_s": 2_592_001}, "output_expires_after.seconds", "from 3,600 to 2,592,000"),
    ],
)
async def test_what_cannot_be_meant_is_refused_by_name(
    batches: Batches, changed: Mapping[str, Any], param: str, said: str
) -> None:
    with pytest.raises(BadInput) as refused:
        await batches.create("me", **{**ASKED, **changed})
    assert refused.value.param == param
    assert said in refused.value.message
    assert (await batches.page("me")).batches == []


async def test_metadata_up_to_its_bounds_is_kept(batches: Batches) -> None:
    metadata = {f"{n:064}": "v" * 512 for n in range(16)}
    made = await batches.create("me", **ASKED, metadata=metadata)
    assert (await batches.get("me", made.id)).metadata == metadata


async def test_the_file_of_another_owner_is_one_that_never_was(batches: Batches) -> None:
    refusals = []
    for file_id in ("file-theirs", "file-nobodys"):
        with pytest.raises(NotFound) as refused:
            await batches.create("me", **{**ASKED, "input_file_id": file_id})
        assert refused.value.param == "input_file_id"
        refusals.append(refused.value.message.replace(file_id, "ID"))
    assert refusals[0] == refusals[1]


async def test_an_owner_may_have_so_many_open_batches_and_no_more(batches: Batches) -> None:
    made = [await batches.create("me", **ASKED) for _ in range(3)]
    with pytest.raises(TooLarge, match="TOUCHSTONE_BATCHES_MAX"):
        await batches.create("me", **ASKED)
    await batches.create("them", **{**ASKED, "input_file_id": "file-theirs"})
    await batches.cancel("me", made[0].id)
    with pytest.raises(TooLarge):  # it is being cancelled, and has not ended yet
        await batches.create("me", **ASKED)


async def test_batches_that_are_made_at_once_do_not_slip_past_the_limit(batches: Batches) -> None:
    made = await asyncio.gather(*(batches.create("me", **ASKED) for _ in range(10)), return_exceptions=True)
    assert sum(isinstance(one, Batch) for one in made) == 3
    assert sum(isinstance(one, TooLarge) for one in made) == 7
    assert len((await batches.page("me")).batches) == 3


async def test_batches_are_listed_by_page_the_newest_first(batches: Batches) -> None:
    made = [(await batches.create("me", **ASKED)).id for _ in range(3)]
    await batches.create("them", **{**ASKED, "input_file_id": "file-theirs"})
    first = await batches.page("me", limit=2)
    assert ([batch.id for batch in first.batches], first.has_more) == ([made[2], made[1]], True)
    rest = await batches.page("me", after=made[1], limit=2)
    assert ([batch.id for batch in rest.batches], rest.has_more) == ([made[0]], False)
    exact = await batches.page("me", limit=3)
    assert (len(exact.batches), exact.has_more) == (3, False)


@pytest.mark.parametrize("limit", [0, 101, "2", True])
async def test_a_page_holds_up_to_a_hundred(batches: Batches, limit: Any) -> None:
    with pytest.raises(BadInput, match="limit") as refused:
        await batches.page("me", limit=limit)
    assert refused.value.param == "limit"


async def test_a_batch_of_another_owner_is_one_that_never_was(batches: Batches) -> None:
    made = await batches.create("me", **ASKED)
    for ask in (batches.get, batches.cancel):
        with pytest.raises(NotFound) as refused:
            await ask("them", made.id)
        assert refused.value.param == "batch_id"
    with pytest.raises(NotFound):
        await batches.page("them", after=made.id)
    assert (await batches.get("me", made.id)).status is Status.VALIDATING


async def test_a_batch_is_cancelled_once_however_often_it_is_asked_for(batches: Batches) -> None:
    rings: list[str] = []
    made = await batches.create("me", **ASKED)
    batches.bell.listen(lambda: rings.append("rung"))
    cancelled = await batches.cancel("me", made.id)
    assert (cancelled.status, cancelled.cancelling_at) == (Status.CANCELLING, NOW)
    assert await batches.cancel("me", made.id) == cancelled
    assert rings


async def test_a_batch_that_has_ended_cannot_be_cancelled(batches: Batches) -> None:
    ended = Batch("batch_e", "me", Status.COMPLETED, Endpoint.CHAT, "24h", "file-mine", NOW, NOW + 60)
    await batches.records.add(ended)
    with pytest.raises(WrongState, match="completed"):
        await batches.cancel("me", "batch_e")
