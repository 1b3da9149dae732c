"""Create the index ix_naics_code_parent."""

from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    """Create the index ix_naics_code_parent."""
    op.create_index("ix_naics_code_parent", "naics_code", ["parent_code", "code"])


def downgrade() -> None:
    """Undo it."""
    op.drop_index("ix_naics_code_parent", "naics_code")
