"""Create the table country."""

import sqlalchemy as sa
from alembic import op

from adapters.sql.checks import are_flags
from adapters.sql.types import INTEGER, Flag

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create the table country."""
    op.create_table(
        "country",
        sa.Column("alpha2", sa.String(2), nullable=False),
        sa.Column("alpha3", sa.String(3), nullable=False),
        sa.Column("numeric_code", sa.String(3), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("display_name", sa.String(200), nullable=False),
        sa.Column("officially_assigned", Flag(), nullable=False),
        sa.Column("active", Flag(), nullable=False),
        sa.Column("version", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("alpha2", name="pk_country"),
        *are_flags("country", "officially_assigned", "active"),
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("country")
