"""Add the column client.rate_limits."""

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0057"


def upgrade() -> None:
    """Add the column client.rate_limits."""
    # The clients that are there have none of their own.
    none = sa.text("'[]'")
    op.add_column(
        "client", sa.Column("rate_limits", sa.CLOB(), server_default=none, nullable=False)
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_column("client", "rate_limits")
