"""The scan of an input file: the same index and shards however the file comes, and every fault with its line."""

import asyncio
import bz2
import contextlib
import gzip
import lzma
import re
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.batches.batch import Batch, BatchError, Endpoint, Status
from inference.batches.input import line_rules, line_scan, repeats, scan
from inference.batches.input.beside_loop import ProcessDied, Work
from inference.batches.input.index import digest_of, entries, index_key
from inference.batches.input.line_scan import ERRORS_MAX, PlanLines, ScanLimits, Shards
from inference.batches.input.scan import Scanned
from inference.batches.shard import SHARD_BYTES_MAX, SHARD_LINES_MAX, Shard
from inference.batches.working import validating
from inference.blobs.memory import MemoryBlobs
from inference.errors import BlobsUnavailable
from inference.files.file import Part

BOM = b"\xef\xbb\xbf"


class Chunked(MemoryBlobs):
    """Blobs that come in chunks of a size that a test wants."""

    def __init__(self, chunk_bytes: int) -> None:
        super().__init__()
        self._chunk_bytes = chunk_bytes

    async def read(self, key: str, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes]:
        for at in range(0, len(self.held[key]), self._chunk_bytes):
            yield self.held[key][at : at + self._chunk_bytes]


def batch_of(endpoint: Endpoint = Endpoint.CHAT) -> Batch:
    return Batch("batch_1", "me", Status.VALIDATING, endpoint, "24h", "file-1", 0, 60)


async def scanned(
    *parts: bytes, endpoint: Endpoint = Endpoint.CHAT, chunk_bytes: int = 1 << 20, **limits: Any
) -> tuple[Scanned, bytes | None]:
    """What a scan finds in the file that `parts` are, and the index that it leaves."""
    blobs = Chunked(chunk_bytes)
    file = [Part(f"files/{number}", len(part)) for number, part in enumerate(parts)]
    blobs.held = {f"files/{number}": part for number, part in enumerate(parts)}
    batch = batch_of(endpoint)
    found = await scan.scan(blobs, file, batch, ScanLimits(**limits))
    return found, blobs.held.get(index_key(batch.id))


def line(custom_id: Any = "one", **changed: Any) -> bytes:
    """A line that is right, but for what is `changed`; None takes a field away."""
    body = {"model": "m", "messages": [{"role": "user", "content": "Grüße, 東京"}]}
    fields = {"custom_id": custom_id, "method": "POST", "url": "/v1/chat/completions", "body": body} | changed
    return orjson.dumps({name: value for name, value in fields.items() if value is not None})


def one_error(found: Scanned) -> BatchError:
    assert len(found.errors) == 1, found.errors
    return found.errors[0]


good_lines = st.builds(
    lambda custom_id, pad, before: before + line(custom_id, pad=pad),
    st.text(min_size=1, max_size=12),
    st.text(max_size=40),
    st.sampled_from([b"", b"  ", b"\t"]),
)
blank_lines = st.sampled_from([b"", b" ", b"\t\t", b"   "])


@settings(deadline=None, max_examples=40)  # each reads a file in pieces of a few bytes, in a thread
@given(
    rows=st.lists(st.one_of(good_lines, blank_lines), max_size=12, unique_by=lambda row: row.strip() or object()),
    breaks=st.lists(st.sampled_from([b"\n", b"\r\n"]), min_size=12, max_size=12),
    ends_in_break=st.booleans(),
    bom=st.sampled_from([b"", BOM]),
    chunk_bytes=st.integers(1, 400),
    cut=st.integers(0, 1_000),
)
def test_the_index_is_the_same_wherever_the_file_is_cut(
    rows: list[bytes], breaks: list[bytes], ends_in_break: bool, bom: bytes, chunk_bytes: int, cut: int
) -> None:
    seen: set[str] = set()
    kept = []
    for row in rows:
        if row.strip():
            custom_id = orjson.loads(row)["custom_id"]
            if custom_id in seen:
                continue
            seen.add(custom_id)
        kept.append(row)
    text, expected = bom, []
    for number, row in enumerate(kept):
        if row.strip():
            expected.append((len(text), len(row), orjson.loads(row)["custom_id"]))
        text += row + (breaks[number] if number + 1 < len(kept) or ends_in_break else b"")
    found, index = asyncio.run(scanned(text[:cut], text[cut:], chunk_bytes=chunk_bytes))
    if not expected:
        assert one_error(found).code == "empty_file"
        assert index is None
        return
    assert found.errors == ()
    assert index is not None
    read = [(entry.start, entry.bytes, entry.id_hash.to_bytes(8, "little")) for entry in entries(index)]
    assert read == [(start, size, digest_of(custom_id)) for start, size, custom_id in expected]
    last_start, last_size, _ = expected[-1]
    first = expected[0][0]
    assert found.shards == [Shard(0, 0, len(expected), first, last_start + last_size - first)]
    assert found.model == "m"


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 50), st.sampled_from([1, 300, 5_000, SHARD_BYTES_MAX // 3, 5_000_000])), max_size=60
    )
)
def test_shards_hold_every_request_once_and_no_more_than_a_worker_reads(gaps_and_sizes: list[tuple[int, int]]) -> None:
    shards, at, places = Shards(), 0, []
    for gap, size in gaps_and_sizes:
        shards.add(at + gap, size)
        places.append((at + gap, size))
        at += gap + size + 1
    cut = shards.all()
    assert [shard.number for shard in cut] == list(range(len(cut)))
    assert sum(shard.lines for shard in cut) == len(places)
    for shard in cut:
        inside = places[shard.first_line : shard.first_line + shard.lines]
        assert shard.start == inside[0][0]
        assert shard.start + shard.bytes == sum(inside[-1])
        assert shard.bytes <= SHARD_BYTES_MAX or shard.lines == 1


@pytest.mark.process
async def test_a_shard_ends_after_a_thousand_requests() -> None:
    found, index = await scanned(b"\n".join(line(f"id-{n}") for n in range(2 * SHARD_LINES_MAX + 1)))
    assert [shard.lines for shard in found.shards] == [SHARD_LINES_MAX, SHARD_LINES_MAX, 1]
    assert index is not None
    assert [shard.start for shard in found.shards] == [entries(index)[shard.first_line].start for shard in found.shards]


@pytest.mark.parametrize(
    ("row", "code", "param", "said"),
    [
        (b"{", "invalid_json_line", None, "not JSON (at its character 2"),
        (b"custom_id: one", "invalid_json_line", None, "not JSON"),
        (line().replace(b"one", b"\xff"), "invalid_json_line", None, "not UTF-8 (at its byte 15)"),
        (b'{"a": NaN}', "invalid_json_line", None, "not JSON"),
        (b"[1]", "invalid_json_line", None, "a list; each line is a JSON object"),
        (b"null", "invalid_json_line", None, "null"),
        (b'"text"', "invalid_json_line", None, "a text"),
        (b"7.5", "invalid_json_line", None, "a number"),
        (b"true", "invalid_json_line", None, "true or false"),
        (line(None), "missing_required_parameter", "custom_id", "no 'custom_id'"),
        (line(""), "missing_required_parameter", "custom_id", "empty"),
        (line(7), "invalid_type", "custom_id", "a number"),
        (line({}), "invalid_type", "custom_id", "an object"),
        (line("i" * 513), "invalid_value", "custom_id", "513 characters; up to 512"),
        (line(method=None), "missing_required_parameter", "method", "no 'method'"),
        (line(method="GET"), "invalid_method", "method", "'GET'; it has to be 'POST'"),
        (line(url=None), "missing_required_parameter", "url", "no 'url'"),
        (line(url="/v1/embeddings"), "mismatched_url", "url", "made for '/v1/chat/completions'"),
        (line(url="/v1/" + "x" * 500), "mismatched_url", "url", "xxx...;"),
        (line(url=["/v1/chat/completions"]), "mismatched_url", "url", "['/v1/chat/completions']"),
        (line(body=None), "missing_required_parameter", "body", "no 'body'"),
        (line(body="hello"), "invalid_type", "body", "a text; it has to be an object"),
        (line(body={"messages": []}), "missing_required_parameter", "body.model", "no 'model'"),
        (line(body={"model": ""}), "invalid_type", "body.model", "an empty text"),
        (line(body={"model": ["m"]}), "invalid_type", "body.model", "a list"),
        (line(body={"model": "m", "stream": True}), "unsupported_parameter", "body.stream", "streams nothing"),
    ],
)
async def test_a_line_that_is_wrong_is_named_with_its_number(
    row: bytes, code: str, param: str | None, said: str
) -> None:
    # Counted as an editor counts: the blank lines too.
    found, index = await scanned(b"\n\r\n" + line("first") + b"\n" + row + b"\n" + line("last"))
    error = one_error(found)
    assert (error.code, error.param, error.line) == (code, param, 4)
    assert said in error.message
    assert index is None
    assert found.shards == ()


@pytest.mark.parametrize("text", [b"", b"\n\n", b" \r\n\t\n", BOM, BOM + b"\n"])
async def test_a_file_without_requests_is_refused(text: bytes) -> None:
    found, index = await scanned(text)
    assert (one_error(found).code, one_error(found).line, index) == ("empty_file", None, None)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
async def test_a_file_in_utf_16_is_refused_once_and_told_what_it_is(encoding: str) -> None:
    text = "\ufeff" + "\n".join(line(str(n)).decode() for n in range(3))
    found, _ = await scanned(text.encode(encoding))
    assert (one_error(found).line, "save it as UTF-8" in one_error(found).message) == (1, True)


XLSX = b"PK\x03\x04\n\0\0\0\0\0" + bytes(16) + b"\x13\0\0\0[Content_Types].xml"


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (gzip.compress(line(), mtime=0), "is compressed with gzip, which is not read here: unpack it first (gunzip)"),
        (bz2.compress(line()), "bunzip2"),
        (lzma.compress(line()), "unxz"),
        (b"\x28\xb5\x2f\xfd\x04\n" + bytes(40), "unzstd"),
        (b"PK\x03\x04\n\0" + bytes(24) + b"in.jsonl", "is a zip archive, which is not read here: unpack it first"),
        (XLSX, "is an Excel file (xlsx), which is not read here: save its rows as JSON Lines"),
        (
            b"PAR1\x15\x04\n" + bytes(40) + b"PAR1",
            "is a Parquet file, which is not read here: save its rows as JSON Lines",
        ),
        (b"%PDF-1.7\n%\xe2\xe3", "is a PDF"),
        (line().decode().encode("utf-16-le"), "is text in UTF-16, which is not read here: save it as UTF-8"),
        (("\ufeff" + line().decode()).encode("utf-32-le"), "is text in UTF-32"),
    ],
)
@pytest.mark.parametrize("chunk_bytes", [100, 1 << 20])
async def test_a_file_of_another_kind_is_named_once_with_what_to_do(
    content: bytes, what: str, chunk_bytes: int
) -> None:
    found, _ = await scanned(content + b"\n\xff\n\xff", chunk_bytes=chunk_bytes)
    error = one_error(found)
    assert (error.code, what in error.message, found.shards) == ("invalid_json_line", True, ()), error.message
    assert error.message.endswith(", then upload it again.")


async def test_a_compressed_file_without_a_line_break_is_named_however_long_it_is() -> None:
    found, _ = await scanned(b"\x1f\x8b" + bytes(400), line_bytes_max=100, chunk_bytes=50)
    assert "gzip" in one_error(found).message


async def test_a_line_that_is_no_utf_8_is_still_that_where_the_file_is_none_of_another_kind() -> None:
    found, _ = await scanned(line("a") + b"\n" + gzip.compress(line(), mtime=0).replace(b"\n", b""))
    assert (one_error(found).line, "is not UTF-8" in one_error(found).message) == (2, True)


async def test_a_false_stream_and_an_empty_one_stream_nothing() -> None:
    found, _ = await scanned(
        line("a", body={"model": "m", "stream": False}) + b"\n" + line("b", body={"model": "m", "stream": None})
    )
    assert found.errors == ()


async def test_a_verification_names_no_model_or_one() -> None:
    rows = [
        line(str(n), url="/v1/verify/reliability", body=body)
        for n, body in enumerate([{"prompt": "a"}, {"model": "m"}])
    ]
    found, _ = await scanned(b"\n".join(rows), endpoint=Endpoint.VERIFY)
    assert (found.errors, found.model) == ((), None)
    found, _ = await scanned(rows[1], endpoint=Endpoint.VERIFY)
    assert found.model == "m"
    found, _ = await scanned(line(url="/v1/verify/reliability", body={"model": 7}), endpoint=Endpoint.VERIFY)
    assert one_error(found).param == "body.model"


async def test_requests_may_name_different_models_unless_the_setting_forbids_it() -> None:
    rows = b"\n".join(line(str(n), body={"model": model}) for n, model in enumerate("abac"))
    found, index = await scanned(rows)
    assert (found.errors, found.model, len(index or b"")) == ((), None, 80)
    found, index = await scanned(rows, mixed_models=False)
    assert [(error.code, error.line, error.param) for error in found.errors] == [
        ("mismatched_model", 2, "body.model"),
        ("mismatched_model", 4, "body.model"),
    ]
    assert "TOUCHSTONE_BATCH_MIXED_MODELS" in found.errors[0].message
    assert index is None


async def test_more_requests_than_the_setting_allows_are_refused() -> None:
    rows = [line(str(n)) for n in range(4)]
    assert (await scanned(b"\n".join(rows[:3]), lines_max=3))[0].errors == ()
    found, index = await scanned(b"\n".join(rows), lines_max=3, chunk_bytes=50)
    assert (one_error(found).code, one_error(found).line, index) == ("too_many_tasks", 4, None)
    assert "TOUCHSTONE_BATCH_LINES_MAX" in one_error(found).message


async def test_a_line_longer_than_a_request_may_be_is_refused_wherever_it_is_cut() -> None:
    for chunk_bytes in (7, 100, 10_000):
        rows = [line("a"), line("long", pad="x" * 400), b" " * 600, line("b")]
        found, _ = await scanned(b"\n".join(rows), line_bytes_max=len(rows[1]) - 1, chunk_bytes=chunk_bytes)
        assert (one_error(found).code, one_error(found).line) == ("line_too_long", 2)
        assert "TOUCHSTONE_BODY_BYTES_MAX" in one_error(found).message
        found, _ = await scanned(b"\n".join(rows), line_bytes_max=len(rows[1]), chunk_bytes=chunk_bytes)
        assert found.errors == ()


async def test_a_hundred_errors_are_listed_and_the_others_counted() -> None:
    rows = [b"{"] * (ERRORS_MAX - 1) + [line("twice"), line("twice"), line("twice"), line("good"), b"{"]
    found, _ = await scanned(b"\n".join(rows))
    assert len(found.errors) == ERRORS_MAX + 1
    assert [error.line for error in found.errors[:-1]] == [*range(1, ERRORS_MAX), ERRORS_MAX + 1]
    assert (found.errors[-1].code, found.errors[-1].line) == ("too_many_errors", None)
    assert found.errors[-1].message.startswith("At least 2 more lines")


async def test_a_repeated_custom_id_is_told_with_both_lines() -> None:
    rows = [line("a"), b"", line("b"), b"{", line("a"), line("a", method="GET"), line("A")]
    found, index = await scanned(BOM + b"\n".join(rows), chunk_bytes=20)
    assert [(error.code, error.line, error.param) for error in found.errors] == [
        ("invalid_json_line", 4, None),
        ("duplicate_custom_id", 5, "custom_id"),
        ("invalid_method", 6, "method"),
        ("duplicate_custom_id", 6, "custom_id"),
    ]
    assert found.errors[1].message == "The custom_id 'a' is that of line 1 too."
    assert index is None


@settings(deadline=None, max_examples=40)  # likewise
@given(st.lists(st.integers(0, 6), max_size=30), st.integers(1, 4))
def test_repeats_are_found_exactly_though_many_custom_ids_share_a_hash(ids: list[int], suspects_max: int) -> None:
    rows = [line(f"id-{number}") for number in ids] or [line("only")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(line_scan, "digest_of", lambda custom_id: bytes([0] * 7 + [ord(custom_id[-1]) % 2]))
        patch.setattr(repeats, "SUSPECTS_MAX", suspects_max)
        found, index = asyncio.run(scanned(b"\n".join(rows), chunk_bytes=37))
    expected = [(n + 1, ids.index(number) + 1) for n, number in enumerate(ids) if number in ids[:n]]
    told = [f"The custom_id 'id-{ids[at - 1]}' is that of line {first} too." for at, first in expected]
    assert [error.line for error in found.errors] == [at for at, _ in expected]
    assert [error.message for error in found.errors] == told
    assert (index is None) == bool(expected)


@settings(deadline=None)
@given(st.lists(st.integers(0, 12), max_size=80), st.integers(-1, 60), st.integers(1, 9), st.integers(1, 7))
def test_suspects_are_those_whose_hash_came_before(
    values: list[int], after: int, suspects_max: int, block: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(repeats, "SUSPECTS_MAX", suspects_max)
        patch.setattr(repeats, "BLOCK", block)
        found = repeats.suspects(bytearray(b"".join(v.to_bytes(8, "little") for v in values)), after)
    later = [n for n, value in enumerate(values) if value in values[:n] and n > after]
    if not later:
        assert found is None
        return
    assert found is not None
    chosen = later[:suspects_max]
    shared = {values[n] for n in chosen}
    assert list(found.requests) == [n for n, value in enumerate(values[: chosen[-1] + 1]) if value in shared]
    assert (found.last, found.more) == (chosen[-1], len(later) > suspects_max)


def long_file(rows: Sequence[bytes] = ()) -> bytes:
    """A file that is scanned in a process."""
    text = b"\n".join([*(line(f"id-{n}") for n in range(3_000)), *rows])
    assert len(text) > scan.THREAD_BYTES_MAX
    return text


@pytest.mark.process
async def test_a_long_file_is_scanned_in_another_process_to_the_same_end(monkeypatch: pytest.MonkeyPatch) -> None:
    files = (long_file(), long_file([line("id-7"), b"{"]))
    elsewhere = [await scanned(text, chunk_bytes=100_000) for text in files]
    monkeypatch.setattr(scan, "THREAD_BYTES_MAX", 1 << 30)
    assert elsewhere == [await scanned(text) for text in files]
    assert [shard.lines for shard in elsewhere[0][0].shards] == [1_000, 1_000, 1_000]
    assert [error.line for error in elsewhere[1][0].errors] == [3_001, 3_002]


async def test_a_scan_whose_process_dies_is_tried_again_and_then_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    died: list[str] = []

    @contextlib.asynccontextmanager
    async def dies(work: object) -> AsyncIterator[Work[Any]]:
        died.append("once")
        raise ProcessDied("the process ended with code -9")
        yield

    monkeypatch.setattr(scan, "in_process", dies)
    found, index = await scanned(long_file())
    assert (one_error(found).code, index, len(died)) == ("file_unreadable", None, scan.TRIES)
    assert "code -9" in one_error(found).message


class Stuck(MemoryBlobs):
    """Blobs whose reading does not come to its end."""

    def __init__(self) -> None:
        super().__init__()
        self.reading = asyncio.Event()

    async def read(self, key: str, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes]:
        yield self.held[key][:100_000]
        self.reading.set()
        await asyncio.Event().wait()


@pytest.mark.process
async def test_a_scan_that_is_cancelled_leaves_nothing() -> None:
    blobs = Stuck()
    blobs.held["files/0"] = long_file()
    scanning = asyncio.create_task(
        scan.scan(blobs, [Part("files/0", len(blobs.held["files/0"]))], batch_of(), ScanLimits())
    )
    await asyncio.wait_for(blobs.reading.wait(), 60)
    scanning.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(scanning, 60)
    assert list(blobs.held) == ["files/0"]


async def test_blobs_that_cannot_be_read_are_no_fault_of_the_file() -> None:
    with pytest.raises(BlobsUnavailable):
        await scan.scan(MemoryBlobs(), [Part("files/gone", 10)], batch_of(), ScanLimits())


def test_every_code_is_explained_in_the_document_and_no_other() -> None:
    root = Path(scan.__file__).parents[3]
    sources = [Path(str(module.__file__)).read_text() for module in (line_rules, line_scan, scan, validating)]
    codes = {code for text in sources for code in re.findall(r'(?:Fault|BatchError)\(\s*"([a-z_]+)"', text)}
    explained = re.findall(r"^\| `([a-z_]+)` \|", (root / "docs" / "batch-input.md").read_text(), re.MULTILINE)
    assert "duplicate_custom_id" in codes
    assert sorted(explained) == sorted(codes - {"too_many_errors"})  # which the text above the table explains


@pytest.mark.parametrize("models", [["a", "a", "a", "a"], ["a", "a", "b"], ["b", "a", "a"], ["c", "c", "b", "c"]])
async def test_a_plan_bounds_a_file_by_the_least_that_it_allows_for_a_model_in_it(models: list[str]) -> None:
    plan = PlanLines("tiny", 3, {"b": 2, "c": None})
    rows = [line(str(number), body={"model": model}) for number, model in enumerate(models)]
    found, _ = await scanned(b"\n".join(rows), plan=plan)
    error = one_error(found)
    most = 2 if "b" in models else 3
    assert (error.code, error.line) == ("too_many_tasks", most + 1 if models != ["a", "a", "b"] else 3)
    assert f"more than {most} requests, which is what the plan 'tiny' of this key allows" in error.message
    found, index = await scanned(b"\n".join(row for row in rows[:most] if b'"b"' not in row or most == 2), plan=plan)
    assert (found.errors, bool(index)) == ((), True)


async def test_the_smaller_of_plan_and_setting_holds() -> None:
    rows = b"\n".join(line(str(number)) for number in range(3))
    found, _ = await scanned(rows, plan=PlanLines("large", 5), lines_max=2)
    assert "TOUCHSTONE_BATCH_LINES_MAX" in one_error(found).message
    found, _ = await scanned(rows, plan=PlanLines("free"), lines_max=3)
    assert not found.errors
