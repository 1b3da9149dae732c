"""Create the table holiday."""

import sqlalchemy as sa
from alembic import op

from adapters.sql.checks import are_days, are_flags
from adapters.sql.types import INTEGER, Day, Flag

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Create the table holiday."""
    op.create_table(
        "holiday",
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("calendar", sa.String(30), nullable=False),
        sa.Column("holiday_date", Day(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("observed", Flag(), nullable=False),
        sa.Column("actual_date", Day(), nullable=False),
        sa.Column("version", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_holiday"),
        *are_flags("holiday", "observed"),
        *are_days("holiday", "holiday_date", "actual_date"),
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("holiday")
