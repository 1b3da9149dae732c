"""Create the table lease."""

import sqlalchemy as sa
from alembic import op

from adapters.sql.types import UtcTimestamp

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Create the table lease."""
    op.create_table(
        "lease",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("holder", sa.String(100), nullable=False),
        sa.Column("expires_at", UtcTimestamp(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_lease"),
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("lease")
