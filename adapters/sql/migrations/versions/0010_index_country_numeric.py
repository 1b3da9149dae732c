"""Create the index ix_country_numeric."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Create the index ix_country_numeric."""
    op.create_index("ix_country_numeric", "country", ["numeric_code"])


def downgrade() -> None:
    """Undo it."""
    op.drop_index("ix_country_numeric", "country")
