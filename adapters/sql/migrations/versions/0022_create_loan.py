"""Create the table loan."""

import sqlalchemy as sa
from alembic import op

from adapters.sql.checks import are_days, are_json
from adapters.sql.types import BIG_INTEGER, INTEGER, Day, Exact

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Create the table loan."""
    op.create_table(
        "loan",
        sa.Column("loan_number", sa.String(10), nullable=False),
        sa.Column("location_id", BIG_INTEGER, nullable=False),
        sa.Column("program", sa.String(30), nullable=False),
        sa.Column("borrower_name", sa.String(200), nullable=False),
        sa.Column("status", sa.String(30), nullable=False),
        sa.Column("principal", Exact(19, 2), nullable=False),
        sa.Column("annual_rate", Exact(9, 6), nullable=False),
        sa.Column("day_count", sa.String(30), nullable=False),
        sa.Column("interest_paid_through", Day(), nullable=False),
        sa.Column("fees", sa.CLOB(), nullable=False),
        sa.Column("version", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("loan_number", name="pk_loan"),
        *are_days("loan", "interest_paid_through"),
        *are_json("loan", "fees"),
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("loan")
