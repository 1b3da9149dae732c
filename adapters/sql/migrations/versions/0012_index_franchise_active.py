"""Create the index ix_franchise_active."""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Create the index ix_franchise_active."""
    op.create_index("ix_franchise_active", "franchise", ["active"])


def downgrade() -> None:
    """Undo it."""
    op.drop_index("ix_franchise_active", "franchise")
