"""Rooms."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "rooms",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("seats", sa.Integer, nullable=False),
        sa.UniqueConstraint("name", name="rooms_name"),
        sa.CheckConstraint("seats > 0", name="rooms_seats"),
    )


def downgrade() -> None:
    op.drop_table("rooms")
