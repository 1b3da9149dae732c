"""Create the index ix_naics_code_active."""

from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    """Create the index ix_naics_code_active."""
    op.create_index("ix_naics_code_active", "naics_code", ["active", "code"])


def downgrade() -> None:
    """Undo it."""
    op.drop_index("ix_naics_code_active", "naics_code")
