"""Create the index ix_payoff_status."""

from alembic import op

revision = "0043"
down_revision = "0042"


def upgrade() -> None:
    """Create the index ix_payoff_status."""
    op.create_index("ix_payoff_status", "payoff", ["status", "created_at"])


def downgrade() -> None:
    """Undo it."""
    op.drop_index("ix_payoff_status", "payoff")
