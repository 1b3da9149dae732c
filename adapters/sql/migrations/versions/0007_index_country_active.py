"""Create the index ix_country_active."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Create the index ix_country_active."""
    op.create_index("ix_country_active", "country", ["active"])


def downgrade() -> None:
    """Undo it."""
    op.drop_index("ix_country_active", "country")
