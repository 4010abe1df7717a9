"""Files, uploads, batches, shards: the first tables."""

from alembic import op

from inference.store.tables import METADATA

revision = "0001"
down_revision = None


def upgrade() -> None:
    METADATA.create_all(op.get_bind())
