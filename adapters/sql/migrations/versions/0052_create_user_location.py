"""Create the table user_location."""

import sqlalchemy as sa
from alembic import op

from adapters.sql.checks import are_flags, are_json
from adapters.sql.types import BIG_INTEGER, INTEGER, Flag

revision = "0052"
down_revision = "0051"


def upgrade() -> None:
    """Create the table user_location."""
    op.create_table(
        "user_location",
        sa.Column("user_id", sa.String(40), nullable=False),
        sa.Column("location_id", BIG_INTEGER, nullable=False),
        sa.Column("roles", sa.CLOB(), nullable=False),
        sa.Column("is_primary", Flag(), nullable=False),
        sa.Column("version", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("user_id", "location_id", name="pk_user_location"),
        *are_flags("user_location", "is_primary"),
        *are_json("user_location", "roles"),
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("user_location")
