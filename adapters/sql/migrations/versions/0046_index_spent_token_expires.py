"""Create the index ix_spent_token_expires."""

from alembic import op

revision = "0046"
down_revision = "0045"


def upgrade() -> None:
    """Create the index ix_spent_token_expires."""
    op.create_index("ix_spent_token_expires", "spent_token", ["expires_at"])


def downgrade() -> None:
    """Undo it."""
    op.drop_index("ix_spent_token_expires", "spent_token")
