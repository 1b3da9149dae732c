"""Create the table naics_code."""

import sqlalchemy as sa
from alembic import op

from adapters.sql.checks import are_flags
from adapters.sql.types import INTEGER, Flag

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    """Create the table naics_code."""
    op.create_table(
        "naics_code",
        sa.Column("code", sa.String(6), nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("code_level", sa.String(30), nullable=False),
        sa.Column("parent_code", sa.String(6), nullable=True),
        sa.Column("sector_code", sa.String(6), nullable=False),
        sa.Column("naics_year", INTEGER, nullable=False),
        sa.Column("active", Flag(), nullable=False),
        sa.Column("version", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_naics_code"),
        *are_flags("naics_code", "active"),
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("naics_code")
