"""Create the index ix_location_name."""

from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Create the index ix_location_name."""
    op.create_index("ix_location_name", "location", ["name"])


def downgrade() -> None:
    """Undo it."""
    op.drop_index("ix_location_name", "location")
