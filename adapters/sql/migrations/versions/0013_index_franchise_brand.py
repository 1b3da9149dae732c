"""Create the index ix_franchise_brand."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Create the index ix_franchise_brand."""
    op.create_index("ix_franchise_brand", "franchise", ["brand", "code"])


def downgrade() -> None:
    """Undo it."""
    op.drop_index("ix_franchise_brand", "franchise")
