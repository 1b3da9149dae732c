"""Create the index ix_location_partner."""

from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """Create the index ix_location_partner."""
    op.create_index("ix_location_partner", "location", ["partner_id"])


def downgrade() -> None:
    """Undo it."""
    op.drop_index("ix_location_partner", "location")
