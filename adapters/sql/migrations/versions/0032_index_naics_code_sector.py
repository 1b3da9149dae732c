"""Create the index ix_naics_code_sector."""

from alembic import op

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    """Create the index ix_naics_code_sector."""
    op.create_index("ix_naics_code_sector", "naics_code", ["sector_code", "code"])


def downgrade() -> None:
    """Undo it."""
    op.drop_index("ix_naics_code_sector", "naics_code")
