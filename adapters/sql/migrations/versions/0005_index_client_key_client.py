"""Create the index ix_client_key_client."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the index ix_client_key_client."""
    op.create_index("ix_client_key_client", "client_key", ["client_id"])


def downgrade() -> None:
    """Undo it."""
    op.drop_index("ix_client_key_client", "client_key")
