"""Create the index ix_franchise_sba_code."""

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Create the index ix_franchise_sba_code."""
    op.create_index("ix_franchise_sba_code", "franchise", ["sba_code"])


def downgrade() -> None:
    """Undo it."""
    op.drop_index("ix_franchise_sba_code", "franchise")
