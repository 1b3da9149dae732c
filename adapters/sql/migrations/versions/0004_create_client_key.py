"""Create the table client_key."""

import sqlalchemy as sa
from alembic import op

from adapters.sql.types import INTEGER, UtcTimestamp

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the table client_key."""
    op.create_table(
        "client_key",
        sa.Column("key_id", sa.String(60), nullable=False),
        sa.Column("client_id", sa.String(60), nullable=False),
        sa.Column("algorithm", sa.String(10), nullable=False),
        sa.Column("sealed", sa.String(4000), nullable=False),
        sa.Column("state", sa.String(30), nullable=False),
        sa.Column("retires_at", UtcTimestamp(), nullable=True),
        sa.Column("created_at", UtcTimestamp(), nullable=False),
        sa.Column("version", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("key_id", name="pk_client_key"),
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("client_key")
