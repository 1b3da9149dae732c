"""Create the index ix_payoff_location."""

from alembic import op

revision = "0042"
down_revision = "0041"


def upgrade() -> None:
    """Create the index ix_payoff_location."""
    op.create_index("ix_payoff_location", "payoff", ["location_id", "created_at", "id"])


def downgrade() -> None:
    """Undo it."""
    op.drop_index("ix_payoff_location", "payoff")
