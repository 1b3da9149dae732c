"""Create the table client_key_use."""

import sqlalchemy as sa
from alembic import op

from adapters.sql.types import UtcTimestamp

revision = "0060"
down_revision = "0059"


def upgrade() -> None:
    """Create the table client_key_use."""
    op.create_table(
        "client_key_use",
        sa.Column("key_id", sa.String(60), nullable=False),
        sa.Column("last_used_at", UtcTimestamp(), nullable=False),
        sa.PrimaryKeyConstraint("key_id", name="pk_client_key_use"),
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("client_key_use")
