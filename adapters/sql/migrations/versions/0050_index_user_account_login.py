"""Create the index ix_user_account_login."""

from alembic import op

revision = "0050"
down_revision = "0049"


def upgrade() -> None:
    """Create the index ix_user_account_login."""
    op.create_index("ix_user_account_login", "user_account", ["login"])


def downgrade() -> None:
    """Undo it."""
    op.drop_index("ix_user_account_login", "user_account")
