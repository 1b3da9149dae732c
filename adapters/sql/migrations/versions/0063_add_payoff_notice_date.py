"""Add the column payoff.notice_date."""

import sqlalchemy as sa
from alembic import op

from adapters.sql.types import Day

revision = "0063"
down_revision = "0062"

# Alembic leaves a column's own constraint out on Oracle, and a second statement would need a
# second revision.
ON_ORACLE = (
    "ALTER TABLE payoff ADD notice_date DATE"
    " CONSTRAINT ck_payoff_notice_date CHECK (notice_date = TRUNC(notice_date))"
)


def upgrade() -> None:
    """Add the column payoff.notice_date."""
    if op.get_context().dialect.name == "oracle":
        op.execute(ON_ORACLE)
        return
    op.add_column("payoff", sa.Column("notice_date", Day(), nullable=True))


def downgrade() -> None:
    """Undo it."""
    op.drop_column("payoff", "notice_date")
