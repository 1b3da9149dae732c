"""Create the index ix_country_alpha3."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Create the index ix_country_alpha3."""
    op.create_index("ix_country_alpha3", "country", ["alpha3"])


def downgrade() -> None:
    """Undo it."""
    op.drop_index("ix_country_alpha3", "country")
