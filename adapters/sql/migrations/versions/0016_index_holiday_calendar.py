"""Create the index ix_holiday_calendar."""

from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Create the index ix_holiday_calendar."""
    op.create_index("ix_holiday_calendar", "holiday", ["calendar", "holiday_date"])


def downgrade() -> None:
    """Undo it."""
    op.drop_index("ix_holiday_calendar", "holiday")
