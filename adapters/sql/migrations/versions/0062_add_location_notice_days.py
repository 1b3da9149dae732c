"""Add the column location.notice_days."""

import sqlalchemy as sa
from alembic import op

from adapters.sql.types import INTEGER

revision = "0062"
down_revision = "0061"


def upgrade() -> None:
    """Add the column location.notice_days."""
    op.add_column("location", sa.Column("notice_days", INTEGER, nullable=True))


def downgrade() -> None:
    """Undo it."""
    op.drop_column("location", "notice_days")
