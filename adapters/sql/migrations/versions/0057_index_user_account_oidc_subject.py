"""Create the index ix_user_account_oidc_subject."""

from alembic import op

revision = "0057"
down_revision = "0056"


def upgrade() -> None:
    """Create the index ix_user_account_oidc_subject."""
    op.create_index("ix_user_account_oidc_subject", "user_account", ["oidc_subject"])


def downgrade() -> None:
    """Undo it."""
    op.drop_index("ix_user_account_oidc_subject", "user_account")
