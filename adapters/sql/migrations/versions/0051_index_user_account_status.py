"""Create the index ix_user_account_status."""

from alembic import op

revision = "0051"
down_revision = "0050"


def upgrade() -> None:
    """Create the index ix_user_account_status."""
    op.create_index("ix_user_account_status", "user_account", ["status"])


def downgrade() -> None:
    """Undo it."""
    op.drop_index("ix_user_account_status", "user_account")
