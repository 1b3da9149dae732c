"""Add the column payoff.interest_to."""

import sqlalchemy as sa
from alembic import op

from adapters.sql.types import Day

revision = "0064"
down_revision = "0063"

# Alembic leaves a column's own constraint out on Oracle, and a second statement would need a
# second revision.
ON_ORACLE = (
    "ALTER TABLE payoff ADD interest_to DATE"
    " CONSTRAINT ck_payoff_interest_to CHECK (interest_to = TRUNC(interest_to))"
)


def upgrade() -> None:
    """Add the column payoff.interest_to."""
    if op.get_context().dialect.name == "oracle":
        op.execute(ON_ORACLE)
        return
    op.add_column("payoff", sa.Column("interest_to", Day(), nullable=True))


def downgrade() -> None:
    """Undo it."""
    op.drop_column("payoff", "interest_to")
