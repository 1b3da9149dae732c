"""Create the index ix_payoff_date."""

from alembic import op

revision = "0040"
down_revision = "0039"


def upgrade() -> None:
    """Create the index ix_payoff_date."""
    op.create_index("ix_payoff_date", "payoff", ["payoff_date", "id"])


def downgrade() -> None:
    """Undo it."""
    op.drop_index("ix_payoff_date", "payoff")
