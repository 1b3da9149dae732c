"""Create the index ix_holiday_date."""

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Create the index ix_holiday_date."""
    op.create_index("ix_holiday_date", "holiday", ["holiday_date", "code"])


def downgrade() -> None:
    """Undo it."""
    op.drop_index("ix_holiday_date", "holiday")
