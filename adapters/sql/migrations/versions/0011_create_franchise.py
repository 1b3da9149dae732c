"""Create the table franchise."""

import sqlalchemy as sa
from alembic import op

from adapters.sql.checks import are_days, are_flags
from adapters.sql.types import INTEGER, Day, Flag

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Create the table franchise."""
    op.create_table(
        "franchise",
        sa.Column("code", sa.String(80), nullable=False),
        sa.Column("sba_code", sa.String(10), nullable=True),
        sa.Column("brand", sa.String(200), nullable=False),
        sa.Column("meets_ftc_definition", Flag(), nullable=False),
        sa.Column("certification_status", sa.String(30), nullable=False),
        sa.Column("addendum_required", Flag(), nullable=False),
        sa.Column("addendum_type", sa.String(30), nullable=False),
        sa.Column("code_start_date", Day(), nullable=True),
        sa.Column("notes", sa.String(1000), nullable=True),
        sa.Column("active", Flag(), nullable=False),
        sa.Column("version", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_franchise"),
        *are_flags("franchise", "meets_ftc_definition", "addendum_required", "active"),
        *are_days("franchise", "code_start_date"),
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("franchise")
