"""Create the index ix_named_resource_name."""

from alembic import op

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    """Create the index ix_named_resource_name."""
    op.create_index("ix_named_resource_name", "named_resource", ["name"])


def downgrade() -> None:
    """Undo it."""
    op.drop_index("ix_named_resource_name", "named_resource")
