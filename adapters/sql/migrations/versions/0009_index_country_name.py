"""Create the index ix_country_name."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Create the index ix_country_name."""
    op.create_index("ix_country_name", "country", ["name"])


def downgrade() -> None:
    """Undo it."""
    op.drop_index("ix_country_name", "country")
