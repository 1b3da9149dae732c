"""Create the index ix_user_account_last_name."""

from alembic import op

revision = "0049"
down_revision = "0048"


def upgrade() -> None:
    """Create the index ix_user_account_last_name."""
    op.create_index("ix_user_account_last_name", "user_account", ["last_name", "user_id"])


def downgrade() -> None:
    """Undo it."""
    op.drop_index("ix_user_account_last_name", "user_account")
