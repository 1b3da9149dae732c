"""Create the index ix_named_resource_created."""

from alembic import op

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    """Create the index ix_named_resource_created."""
    op.create_index("ix_named_resource_created", "named_resource", ["created_at", "id"])


def downgrade() -> None:
    """Undo it."""
    op.drop_index("ix_named_resource_created", "named_resource")
