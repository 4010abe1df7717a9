"""One reading of an input file: what is wrong with it, where each request lies, and which model they name.

Plain computing over the chunks of the file, fed one after the other; who reads them, and in which process this runs, is
not its business. Holds 8 bytes a request, and of the file no more than one line.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from inference.batches.batch import BatchError, Endpoint
from inference.batches.input.index import ENTRY_OF_DIGEST, digest_of
from inference.batches.input.line_rules import Fault, LineRules, parse_fault, shown
from inference.batches.input.other_file import BYTES_LOOKED_AT, other_file
from inference.batches.input.repeats import Suspects, suspects
from inference.batches.input.rows import Rows
from inference.batches.shard import SHARD_BYTES_MAX, SHARD_LINES_MAX, Shard

ERRORS_MAX = 100
"""That are kept of one file, and shown. The others are counted."""

CARRIAGE_RETURN = 13
"""At the end of a line it belongs to the line break."""


@dataclass(frozen=True, slots=True)
class PlanLines:
    """How many requests a batch may have under the plan of its key: the least that is allowed for a model in it. None:
    any number."""

    plan: str
    default: int | None = None
    models: Mapping[str | None, int | None] = field(default_factory=dict)
    """For models that differ from `default`; under None, for requests that name none."""

    def most(self, model: str | None) -> int | None:
        """How many there may be where one names `model`."""
        return self.models.get(model, self.default)


@dataclass(frozen=True, slots=True)
class ScanLimits:
    """What an input file may hold."""

    lines_max: int = 5_000_000
    mixed_models: bool = True
    """Whether the requests of one file may name different models."""
    line_bytes_max: int = 32 * 1024 * 1024
    """As much as a request that comes by itself may have."""
    plan: PlanLines | None = None


@dataclass(frozen=True, slots=True)
class Findings:
    """What a reading has found. `more_errors` counts those beyond ERRORS_MAX."""

    shards: Sequence[Shard]
    model: str | None
    errors: Sequence[BatchError]
    more_errors: int


class LineScan:
    """The reading of one file. `feed` until it returns None or the file ends, then `finish`."""

    def __init__(self, endpoint: Endpoint, limits: ScanLimits) -> None:
        self._limits = limits
        self._rules = LineRules(endpoint)
        self._start = b""
        self._rows = Rows(limits.line_bytes_max)
        self._line = 0
        self._at = 0
        self._requests = 0
        self._hashes = bytearray()
        self._shards = Shards()
        self._models = Models(limits.mixed_models)
        self._errors: list[BatchError] = []
        self._more_errors = 0
        self._over = False
        self._lines_max = limits.lines_max
        self._plan = limits.plan

    def feed(self, chunk: bytes) -> bytes | None:
        """The part of the index for the requests that end in `chunk`; None if nothing more need be read."""
        if len(self._start) < BYTES_LOOKED_AT:
            self._start += chunk[:BYTES_LOOKED_AT]
        entries = self._read(self._rows.feed(chunk))
        return None if self._over else entries

    def finish(self) -> tuple[bytes, Findings]:
        """The file has ended: the rest of the index, and what was found, repeated custom_ids aside."""
        entries = b"" if self._over else self._read(self._rows.finish())
        if not self._requests and not self._over:
            self._errors.append(BatchError("empty_file", "The input file holds no request."))
        return entries, Findings(self._shards.all(), self._models.only, self._errors, self._more_errors)

    def suspects(self, after: int) -> Suspects | None:
        """Requests after `after` whose custom_id may be repeated. Of a file that holds too many none are looked for."""
        return None if self._over else suspects(self._hashes, after)

    def _read(self, rows: Sequence[bytes]) -> bytes:
        entries = bytearray()
        if rows and not self._line:
            self._at = self._rows.bom_bytes
        for row in rows:
            self._line += 1
            length = len(row)
            try:
                line: Any = orjson.loads(row) if length <= self._limits.line_bytes_max else None
            except orjson.JSONDecodeError as error:
                self._unreadable(row, error)
            else:
                if length > self._limits.line_bytes_max:
                    self._too_long(row)
                elif (fault := self._rules.fault(line) or self._models.fault(line["body"].get("model"))) is None:
                    if self._plan is not None:
                        self._narrow(self._plan.most(line["body"].get("model")))
                    digest = digest_of(line["custom_id"])
                    size = length - (row[-1] == CARRIAGE_RETURN)
                    entries += ENTRY_OF_DIGEST(self._at, size, digest)
                    self._shards.add(self._at, size)
                    self._count(digest)
                else:
                    self._note(fault)
                    self._count(_digest_if_any(line))
            self._at += length + 1
            if self._over:
                break
        return bytes(entries)

    def _count(self, digest: bytes | None) -> None:
        """Counts a request. One without a custom_id counts under its number, so that it is like no other."""
        self._requests += 1
        self._hashes += digest or self._requests.to_bytes(8, "little")
        if self._requests > self._lines_max:
            self._over = True
            self._note(Fault("too_many_tasks", self._too_many()))

    def _narrow(self, most: int | None) -> None:
        if most is not None and most < self._lines_max:
            self._lines_max = most

    def _too_many(self) -> str:
        over = f"The file holds more than {self._lines_max:,} requests, which is "
        if self._plan is not None and self._lines_max < self._limits.lines_max:
            return (
                f"{over}what the plan {self._plan.plan!r} of this key allows (batch_requests). Send it in parts, or "
                "ask whoever runs this server for another plan."
            )
        return f"{over}the limit. Send it in parts, or raise TOUCHSTONE_BATCH_LINES_MAX."

    def _unreadable(self, row: bytes, error: orjson.JSONDecodeError) -> None:
        if not row.strip():
            return
        if not self._is_other_file():
            self._note(parse_fault(row, error))
            self._count(None)

    def _is_other_file(self) -> bool:
        """Whether the line begins a file of another kind, which is then said once, and nothing of its lines."""
        other = other_file(self._start) if self._line == 1 else None
        if other is not None:
            self._over = True
            self._note(Fault("invalid_json_line", f"The file {other.words('JSON Lines')}, then upload it again."))
        return other is not None

    def _too_long(self, row: bytes) -> None:
        if row.strip() and not self._is_other_file():
            told = (
                f"The line has more than {self._limits.line_bytes_max:,} bytes, which is the limit. Send less at once, "
                "or raise TOUCHSTONE_BODY_BYTES_MAX."
            )
            self._note(Fault("line_too_long", told))
            self._count(None)

    def _note(self, fault: Fault) -> None:
        if len(self._errors) < ERRORS_MAX:
            self._errors.append(BatchError(fault.code, fault.message, fault.param, self._line))
        else:
            self._more_errors += 1


class Models:
    """Which model the requests name, or that they name several."""

    def __init__(self, may_differ: bool) -> None:
        self._may_differ = may_differ
        self._first: str | None = None
        self._differ = False
        self._any = False

    def fault(self, model: str | None) -> Fault | None:
        """Takes note of a request's model, and says what is wrong with it, if anything is."""
        if model == self._first and self._any:
            return None
        if not self._any:
            self._any, self._first = True, model
            return None
        self._differ = True
        if self._may_differ:
            return None
        told = (
            f"The model is {shown(model)}, that of the first request {shown(self._first)}; the requests of one batch "
            "name the same here (TOUCHSTONE_BATCH_MIXED_MODELS)."
        )
        return Fault("mismatched_model", told, "body.model")

    @property
    def only(self) -> str | None:
        """The model of all; None if there are several."""
        return None if self._differ else self._first


class Shards:
    """Cuts the requests, as they come, into shards."""

    def __init__(self) -> None:
        self._done: list[Shard] = []
        self._first_line = 0
        self._lines = 0
        self._start = 0
        self._end = 0

    def add(self, start: int, size: int) -> None:
        """The next request."""
        if self._lines and (self._lines >= SHARD_LINES_MAX or start + size - self._start > SHARD_BYTES_MAX):
            self._close()
        if not self._lines:
            self._start = start
        self._lines += 1
        self._end = start + size

    def all(self) -> Sequence[Shard]:
        """The shards of all requests so far."""
        if self._lines:
            self._close()
        return self._done

    def _close(self) -> None:
        self._done.append(Shard(len(self._done), self._first_line, self._lines, self._start, self._end - self._start))
        self._first_line += self._lines
        self._lines = 0


def _digest_if_any(line: Any) -> bytes | None:
    custom_id = line.get("custom_id") if isinstance(line, dict) else None
    return digest_of(custom_id) if isinstance(custom_id, str) and custom_id else None
