"""Create the index uq_payoff_open."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"


def upgrade() -> None:
    """Create the index uq_payoff_open."""
    op.create_index(
        "uq_payoff_open",
        "payoff",
        [
            sa.text(
                "CASE WHEN status IN ('requested', 'quoted', 'accepted', 'funds_received', 'failed') "
                "THEN loan_number END"
            )
        ],
        unique=True,
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_index("uq_payoff_open", "payoff")
