"""Create the index ix_payoff_loan."""

from alembic import op

revision = "0041"
down_revision = "0040"


def upgrade() -> None:
    """Create the index ix_payoff_loan."""
    op.create_index("ix_payoff_loan", "payoff", ["loan_number"])


def downgrade() -> None:
    """Undo it."""
    op.drop_index("ix_payoff_loan", "payoff")
