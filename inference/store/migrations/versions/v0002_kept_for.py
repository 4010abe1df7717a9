"""Batches whose lines are answered by workers of one name alone."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("batches", sa.Column("kept_for", sa.Text(), nullable=True))
