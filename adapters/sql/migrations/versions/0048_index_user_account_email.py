"""Create the index ix_user_account_email."""

from alembic import op

revision = "0048"
down_revision = "0047"


def upgrade() -> None:
    """Create the index ix_user_account_email."""
    op.create_index("ix_user_account_email", "user_account", ["email"])


def downgrade() -> None:
    """Undo it."""
    op.drop_index("ix_user_account_email", "user_account")
