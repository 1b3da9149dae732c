"""Create the index ix_named_resource_own_name."""

from alembic import op

revision = "0067"
down_revision = "0066"


def upgrade() -> None:
    """Create the index ix_named_resource_own_name."""
    op.create_index("ix_named_resource_own_name", "named_resource", ["client_id", "name", "id"])


def downgrade() -> None:
    """Undo it."""
    op.drop_index("ix_named_resource_own_name", "named_resource")
