"""The tables of the store: files, uploads, batches, and the shards that batches are worked off in; keys, and their use.

The bytes themselves are blobs (`inference/blobs/`); a row says which blobs make up what. Ids on the wire are text, in
the order in which they were made; `number` is the order in which rows were added. Times on the wire are whole seconds
since 1970, those of leases have fractions.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
)

from inference.store.text import Text

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_NUMBER = BigInteger().with_variant(Integer, "sqlite")  # only an INTEGER key counts up by itself in SQLite

FILES = Table(
    "files",
    METADATA,
    Column("number", _NUMBER, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("owner", Text, nullable=False),
    Column("filename", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    Index(None, "owner", "id"),
    Index(None, "expires_at"),
)

FILE_PARTS = Table(
    "file_parts",
    METADATA,
    Column("file_id", Text, ForeignKey("files.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("key", Text, nullable=False),
    Column("bytes", BigInteger, nullable=False),
)
"""What a file consists of, in order. A blob belongs to one file."""

UPLOADS = Table(
    "uploads",
    METADATA,
    Column("number", _NUMBER, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("owner", Text, nullable=False),
    Column("filename", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("mime_type", Text, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("file_expires_after_s", BigInteger),
    Column("file_id", Text),
    Index(None, "status", "expires_at"),
)

UPLOAD_PARTS = Table(
    "upload_parts",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("upload_id", Text, ForeignKey("uploads.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("key", Text, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

DOOMED_BLOBS = Table(
    "doomed_blobs",
    METADATA,
    Column("key", Text, primary_key=True),
    Column("after", Float, nullable=False),
    Index(None, "after"),
)
"""Blobs to be deleted once `after` has passed: those of deleted files, and those whose writing may never come to its
end. A blob is entered here before it is written, and taken out by the transaction that makes it part of something."""

BATCHES = Table(
    "batches",
    METADATA,
    Column("number", _NUMBER, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("owner", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("ending", Text),  # why it ends before all lines are answered: "expired" or "cancelled"
    Column("endpoint", Text, nullable=False),
    Column("completion_window", Text, nullable=False),
    Column("input_file_id", Text, nullable=False),
    Column("output_file_id", Text),
    Column("error_file_id", Text),
    Column("output_expires_after_s", BigInteger),
    Column("errors", JSON),
    Column("metadata", JSON),
    Column("priority", Integer, nullable=False, default=0),
    Column("model", Text),
    Column("kept_for", Text),  # who alone answers its lines; null: any worker
    Column("key_id", Text),  # whose usage it is; null: nobody's
    Column("plan", Text),  # whose limits it has; null: none
    Column("created_at", BigInteger, nullable=False),
    Column("in_progress_at", BigInteger),
    Column("expires_at", BigInteger, nullable=False),
    Column("finalizing_at", BigInteger),
    Column("completed_at", BigInteger),
    Column("failed_at", BigInteger),
    Column("expired_at", BigInteger),
    Column("cancelling_at", BigInteger),
    Column("cancelled_at", BigInteger),
    Column("total", BigInteger, nullable=False, default=0),
    Column("completed", BigInteger, nullable=False, default=0),
    Column("failed", BigInteger, nullable=False, default=0),
    Column("input_tokens", BigInteger, nullable=False, default=0),
    Column("output_tokens", BigInteger, nullable=False, default=0),
    Column("cached_tokens", BigInteger, nullable=False, default=0),
    Column("reasoning_tokens", BigInteger, nullable=False, default=0),
    # The lease of whoever validates or finalizes it.
    Column("epoch", BigInteger, nullable=False, default=0),
    Column("holder", Text),
    Column("lease_until", Float, nullable=False, default=0),
    Index(None, "owner", "number"),
    Index(None, "status"),
)

SHARDS = Table(
    "shards",
    METADATA,
    Column("batch_id", Text, ForeignKey("batches.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("first_line", BigInteger, nullable=False),  # of the index, from 0: blank lines are not in it
    Column("lines", Integer, nullable=False),
    Column("start", BigInteger, nullable=False),  # of its bytes in the input file
    Column("bytes", BigInteger, nullable=False),
    Column("done", LargeBinary),  # a bit for each of its lines; none before the first commit
    Column("finished", Integer, nullable=False, default=0),  # 1 when all its lines are done, or given up
    Column("epoch", BigInteger, nullable=False, default=0),
    Column("holder", Text),
    Column("lease_until", Float, nullable=False, default=0),
    Index(None, "batch_id", "finished", "lease_until"),
    Index(None, "finished", "lease_until"),
    Index(None, "holder"),
)

SEGMENTS = Table(
    "segments",
    METADATA,
    Column("batch_id", Text, ForeignKey("batches.id", ondelete="CASCADE"), primary_key=True),
    Column("shard", Integer, primary_key=True),
    Column("kind", Text, primary_key=True),  # "output" or "error"
    Column("number", Integer, primary_key=True),
    Column("key", Text, nullable=False),
    Column("bytes", BigInteger, nullable=False),
)
"""Result lines of a shard that count: those whose blob was written before the row was."""

WEBHOOK_EVENTS = Table(
    "webhook_events",
    METADATA,
    Column("number", _NUMBER, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("type", Text, nullable=False),
    Column("about", Text, nullable=False),  # the id of the batch
    Column("created_at", BigInteger, nullable=False),
    Column("told", JSON, nullable=False),  # digests of the addresses that need not be told any more
    Column("tries", Integer, nullable=False, default=0),
    Column("due", Float, nullable=False, default=0),  # of the next try; while one is made, when it is given up for lost
    Index(None, "due"),
)
"""What is to be told of, from the transaction that made it true until all addresses have been told. The addresses are
settings and are not kept here: they may hold passwords."""

API_KEYS = Table(
    "api_keys",
    METADATA,
    Column("number", _NUMBER, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("owner", Text, nullable=False),  # whose files and batches it opens
    Column("name", Text, nullable=False),
    Column("plan", Text),  # null: the default plan of the settings
    Column("is_admin", Integer, nullable=False, default=0),
    Column("digest", LargeBinary, nullable=False, unique=True),  # SHA-256 of its text, which is kept nowhere
    Column("last_four", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    Column("revoked_at", BigInteger),
    Column("last_used_at", BigInteger),
)

MCP_TOKENS = Table(
    "mcp_tokens",
    METADATA,
    Column("key_id", Text, primary_key=True),  # of a key above, or of one of the settings
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("nonce", LargeBinary, nullable=False),  # of it and the key's text the token is made
    Column("created_at", BigInteger, nullable=False),
)
"""The token that opens MCP in the name of a key: one a key, gone when it is disabled."""

ACCESS_CHANGES = Table(
    "access_changes",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),  # 1: the one row, once there was a change
    Column("number", BigInteger, nullable=False),
)
"""How often keys or tokens have changed. Whoever remembers some looks here whether that is still true."""

USAGE = Table(
    "usage",
    METADATA,
    Column("key_id", Text, primary_key=True),
    Column("day", Text, primary_key=True),  # in UTC: 2026-11-26
    Column("model", Text, primary_key=True),
    Column("requests", BigInteger, nullable=False, default=0),
    Column("input_tokens", BigInteger, nullable=False, default=0),
    Column("output_tokens", BigInteger, nullable=False, default=0),
    Index(None, "day"),
)

USAGE_WRITERS = Table(
    "usage_writers",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("written", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
)
"""The number of the last write of each process that gathers usage, from the transaction that counted it."""
