"""Create the index ix_payoff_location_date."""

from alembic import op

revision = "0066"
down_revision = "0065"


def upgrade() -> None:
    """Create the index ix_payoff_location_date."""
    op.create_index(
        "ix_payoff_location_date", "payoff", ["location_id", "payoff_date", "id"]
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_index("ix_payoff_location_date", "payoff")
