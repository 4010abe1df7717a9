"""What a caller can do with batches: make one, look at one, list them, cancel one. The same for every protocol.

Nothing of a batch is worked off here: it is entered into the store, and whoever works off batches is told. What is in
the input file is looked at by them too, so a file with faults makes a batch that fails and says why.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from inference.batches.batch import Batch, Endpoint, Status
from inference.batches.batch_records import BatchRecords
from inference.batches.bell import Bell
from inference.batches.completion_window import window_s
from inference.errors import BadInput, NotFound
from inference.files.file import Purpose
from inference.files.file_records import Clock, FileRecords
from inference.files.ids import new_id
from tools.files import EXPIRES_AFTER_MAX_S, EXPIRES_AFTER_MIN_S

METADATA_PAIRS_MAX = 16
METADATA_KEY_CHARS_MAX = 64
METADATA_VALUE_CHARS_MAX = 512
"""OpenAI's bounds, all three."""

PRIORITY_MAX = 10
"""Either way: priorities go from -10 to 10, the highest first."""

PAGE_MAX = 100
PAGE_DEFAULT = 20


@dataclass(frozen=True, slots=True)
class BatchPage:
    """Some batches of one owner, the newest first, and whether there are older ones."""

    batches: Sequence[Batch]
    has_more: bool


@dataclass(frozen=True, slots=True)
class Batches:
    """The batches of all owners. `clock` gives seconds since 1970."""

    records: BatchRecords
    files: FileRecords
    open_max: int
    """Batches of one owner that have not ended (setting batches_max)."""
    bell: Bell = field(default_factory=Bell)
    clock: Clock = time.time

    async def create(
        self,
        owner: str,
        *,
        input_file_id: str,
        endpoint: str,
        completion_window: str = "24h",
        metadata: Mapping[str, object] | None = None,
        priority: int = 0,
        output_expires_after_s: int | None = None,
        kept_for: str | None = None,
        key_id: str | None = None,
        plan: str | None = None,
    ) -> Batch:
        """Makes a batch out of a file that was uploaded with purpose "batch", and has it worked off, by any worker or
        by those alone that it is `kept_for`. What it uses is counted for `key_id`, within the limits of `plan`.

        Raises BadInput (naming the field), NotFound if the owner has no such file, TooLarge if the owner has too many
        batches that have not ended, and StoreUnavailable.
        """
        known_endpoint = _checked_endpoint(endpoint)
        window = window_s(completion_window)
        _check_metadata(metadata or {})
        _check_between("priority", priority, -PRIORITY_MAX, PRIORITY_MAX)
        if output_expires_after_s is not None:
            _check_between(
                "output_expires_after.seconds",
                output_expires_after_s,
                EXPIRES_AFTER_MIN_S,
                EXPIRES_AFTER_MAX_S,
            )
        await self._check_file(owner, input_file_id)
        now = int(self.clock())
        batch = Batch(
            id=new_id("batch_"),
            owner=owner,
            status=Status.VALIDATING,
            endpoint=known_endpoint,
            completion_window=completion_window,
            input_file_id=input_file_id,
            created_at=now,
            expires_at=now + window,
            output_expires_after_s=output_expires_after_s,
            metadata=dict(metadata or {}),
            priority=priority,
            kept_for=kept_for,
            key_id=key_id,
            plan=plan,
        )
        await self.records.add(batch, open_max=self.open_max)
        self.bell.ring()
        return batch

    async def get(self, owner: str, batch_id: str) -> Batch:
        """The batch as it is now. Raises NotFound and StoreUnavailable."""
        return await self.records.get(owner, batch_id)

    async def page(self, owner: str, *, after: str | None = None, limit: int = PAGE_DEFAULT) -> BatchPage:
        """Up to `limit` batches, from the one that comes after the batch with the id `after`.

        Raises BadInput for a limit that is none, NotFound if there is no `after`, and StoreUnavailable.
        """
        _check_between("limit", limit, 1, PAGE_MAX)
        found = await self.records.page(owner, after=after, limit=limit + 1)
        return BatchPage(found[:limit], has_more=len(found) > limit)

    async def cancel(self, owner: str, batch_id: str) -> Batch:
        """Has the batch cancelled: what was answered until then is kept. Twice is as good as once.

        Raises NotFound, WrongState for a batch that has ended or is about to, and StoreUnavailable.
        """
        batch = await self.records.cancel(owner, batch_id)
        self.bell.ring()
        return batch

    async def _check_file(self, owner: str, file_id: object) -> None:
        if not isinstance(file_id, str) or not file_id:
            raise BadInput("input_file_id: send the id of a file that was uploaded", "input_file_id")
        try:
            file = await self.files.get(owner, file_id)
        except NotFound as error:
            raise NotFound(error.message, "input_file_id", error.kind) from None
        if file.purpose != Purpose.BATCH:
            raise BadInput(
                f'input_file_id: the file {file_id!r} has purpose "{file.purpose}"; upload it with purpose '
                f'"{Purpose.BATCH}"',
                "input_file_id",
            )


def _checked_endpoint(endpoint: object) -> Endpoint:
    if isinstance(endpoint, str) and endpoint in list(Endpoint):
        return Endpoint(endpoint)
    shown = repr(endpoint) if len(repr(endpoint)) <= 100 else "what was sent"
    raise BadInput(f"endpoint: {shown} cannot be called by batches; these can: {', '.join(Endpoint)}", "endpoint")


def _check_metadata(metadata: object) -> None:
    if not isinstance(metadata, Mapping):
        raise BadInput("metadata: send an object of names and texts", "metadata")
    if len(metadata) > METADATA_PAIRS_MAX:
        raise BadInput(f"metadata: {len(metadata):,} pairs; up to {METADATA_PAIRS_MAX} are kept", "metadata")
    for key, value in metadata.items():
        if not isinstance(key, str) or not 0 < len(key) <= METADATA_KEY_CHARS_MAX:
            raise BadInput(f"metadata: each name is a text of 1 to {METADATA_KEY_CHARS_MAX} characters", "metadata")
        if not isinstance(value, str):
            raise BadInput(
                f'metadata: the value of {key!r} is no text; send it in quotes, such as "7"', f"metadata.{key}"
            )
        if len(value) > METADATA_VALUE_CHARS_MAX:
            raise BadInput(
                f"metadata: the value of {key!r} has {len(value):,} characters; up to {METADATA_VALUE_CHARS_MAX} are "
                "kept",
                f"metadata.{key}",
            )


def _check_between(param: str, value: object, least: int, most: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        shown = repr(value) if len(repr(value)) <= 40 else "what was sent"
        raise BadInput(f"{param}: {shown} is no whole number from {least:,} to {most:,}", param)
