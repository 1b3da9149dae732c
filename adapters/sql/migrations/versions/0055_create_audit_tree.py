"""Create the table audit_tree."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import oracle

from adapters.sql.types import BIG_INTEGER

LOG_INDEX = BIG_INTEGER.with_variant(sa.Integer(), "sqlite")
FRONTIER = sa.LargeBinary(2000).with_variant(oracle.RAW(2000), "oracle")

revision = "0055"
down_revision = "0054"


def upgrade() -> None:
    """Create the table audit_tree."""
    op.create_table(
        "audit_tree",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("tree_size", LOG_INDEX, nullable=False),
        sa.Column("frontier", FRONTIER, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_audit_tree"),
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("audit_tree")
