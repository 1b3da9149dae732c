"""Create the index ix_user_location_location."""

from alembic import op

revision = "0053"
down_revision = "0052"


def upgrade() -> None:
    """Create the index ix_user_location_location."""
    op.create_index("ix_user_location_location", "user_location", ["location_id", "user_id"])


def downgrade() -> None:
    """Undo it."""
    op.drop_index("ix_user_location_location", "user_location")
