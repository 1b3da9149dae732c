"""Create the table audit_checkpoint."""

import sqlalchemy as sa
from alembic import op

from adapters.sql.types import BIG_INTEGER, UtcTimestamp

LOG_INDEX = BIG_INTEGER.with_variant(sa.Integer(), "sqlite")

revision = "0056"
down_revision = "0055"


def upgrade() -> None:
    """Create the table audit_checkpoint."""
    op.create_table(
        "audit_checkpoint",
        sa.Column("tree_size", LOG_INDEX, nullable=False),
        sa.Column("note", sa.String(1000), nullable=False),
        sa.Column("created_at", UtcTimestamp(), nullable=False),
        sa.PrimaryKeyConstraint("tree_size", name="pk_audit_checkpoint"),
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("audit_checkpoint")
