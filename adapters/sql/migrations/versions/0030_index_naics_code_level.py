"""Create the index ix_naics_code_level."""

from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    """Create the index ix_naics_code_level."""
    op.create_index("ix_naics_code_level", "naics_code", ["code_level", "code"])


def downgrade() -> None:
    """Undo it."""
    op.drop_index("ix_naics_code_level", "naics_code")
