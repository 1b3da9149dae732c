"""Create the index ix_loan_location."""

from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Create the index ix_loan_location."""
    op.create_index("ix_loan_location", "loan", ["location_id", "loan_number"])


def downgrade() -> None:
    """Undo it."""
    op.drop_index("ix_loan_location", "loan")
