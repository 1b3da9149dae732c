"""Add the column payoff.source."""

import sqlalchemy as sa
from alembic import op

revision = "0065"
down_revision = "0064"


def upgrade() -> None:
    """Add the column payoff.source."""
    op.add_column("payoff", sa.Column("source", sa.String(60), nullable=True))


def downgrade() -> None:
    """Undo it."""
    op.drop_column("payoff", "source")
