"""Create the index ix_naics_code_year."""

from alembic import op

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    """Create the index ix_naics_code_year."""
    op.create_index("ix_naics_code_year", "naics_code", ["naics_year", "code"])


def downgrade() -> None:
    """Undo it."""
    op.drop_index("ix_naics_code_year", "naics_code")
