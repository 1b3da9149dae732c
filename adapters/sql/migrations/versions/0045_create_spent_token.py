"""Create the table spent_token."""

import sqlalchemy as sa
from alembic import op

from adapters.sql.types import UtcTimestamp

revision = "0045"
down_revision = "0044"


def upgrade() -> None:
    """Create the table spent_token."""
    op.create_table(
        "spent_token",
        sa.Column("client_id", sa.String(60), nullable=False),
        sa.Column("token_id", sa.String(128), nullable=False),
        sa.Column("expires_at", UtcTimestamp(), nullable=False),
        sa.PrimaryKeyConstraint("client_id", "token_id", name="pk_spent_token"),
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("spent_token")
