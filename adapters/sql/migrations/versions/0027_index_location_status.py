"""Create the index ix_location_status."""

from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """Create the index ix_location_status."""
    op.create_index("ix_location_status", "location", ["status"])


def downgrade() -> None:
    """Undo it."""
    op.drop_index("ix_location_status", "location")
