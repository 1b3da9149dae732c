"""Create the index ix_payoff_created."""

from alembic import op

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    """Create the index ix_payoff_created."""
    op.create_index("ix_payoff_created", "payoff", ["created_at", "id"])


def downgrade() -> None:
    """Undo it."""
    op.drop_index("ix_payoff_created", "payoff")
