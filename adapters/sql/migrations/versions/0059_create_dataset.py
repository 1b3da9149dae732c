"""Create the table dataset."""

import sqlalchemy as sa
from alembic import op

from adapters.sql.types import INTEGER, UtcTimestamp

revision = "0059"
down_revision = "0058"


def upgrade() -> None:
    """Create the table dataset."""
    op.create_table(
        "dataset",
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("imported_at", UtcTimestamp(), nullable=False),
        sa.Column("version", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_dataset"),
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("dataset")
