"""The index of a batch's input: where each request lies in the file, and which custom_id it has.

An entry takes 20 bytes: offset (8), length (4), the first 8 bytes of the BLAKE2b digest of the custom_id. It is written
once, by whoever validates the file, and read a shard at a time.
"""

import hashlib
import struct
from collections.abc import Sequence
from typing import NamedTuple

ENTRY = struct.Struct("<QLQ")
ENTRY_OF_DIGEST = struct.Struct("<QL8s").pack
"""Packs an entry out of start, size in bytes, and `digest_of` its custom_id."""


class Entry(NamedTuple):
    """A request of the input file: its bytes, without the line break, and its custom_id's hash."""

    start: int
    bytes: int
    id_hash: int


def digest_of(custom_id: str) -> bytes:
    """64 bits that stand for the custom_id; of different ones most likely different."""
    return hashlib.blake2b(custom_id.encode(), digest_size=8).digest()


def entries(content: bytes) -> Sequence[Entry]:
    """The entries in a piece of an index."""
    return [Entry(*fields) for fields in ENTRY.iter_unpack(content)]


def index_key(batch_id: str) -> str:
    """Where the index of a batch lies."""
    return f"batches/{batch_id}/index"


def segments_prefix(batch_id: str) -> str:
    """Below which the results of a batch lie while it runs."""
    return f"batches/{batch_id}/segments/"
