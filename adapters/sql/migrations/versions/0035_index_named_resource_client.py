"""Create the index ix_named_resource_client."""

from alembic import op

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    """Create the index ix_named_resource_client."""
    op.create_index("ix_named_resource_client", "named_resource", ["client_id", "created_at", "id"])


def downgrade() -> None:
    """Undo it."""
    op.drop_index("ix_named_resource_client", "named_resource")
