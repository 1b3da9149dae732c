"""Create the table audit_leaf."""

import sqlalchemy as sa
from alembic import op

from adapters.sql.types import BIG_INTEGER, DIGEST, Guid

LOG_INDEX = BIG_INTEGER.with_variant(sa.Integer(), "sqlite")

revision = "0054"
down_revision = "0053"


def upgrade() -> None:
    """Create the table audit_leaf."""
    op.create_table(
        "audit_leaf",
        sa.Column("log_index", LOG_INDEX, nullable=False),
        sa.Column("record_id", Guid(), nullable=False),
        sa.Column("leaf_hash", DIGEST, nullable=False),
        sa.PrimaryKeyConstraint("log_index", name="pk_audit_leaf"),
        sa.UniqueConstraint("record_id", name="uq_audit_leaf_record_id"),
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("audit_leaf")
