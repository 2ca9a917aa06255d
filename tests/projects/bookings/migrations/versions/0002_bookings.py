"""Bookings, of which no two are in a room at a time."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSTZRANGE, UUID, ExcludeConstraint

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.create_table(
        "bookings",
        sa.Column("code", UUID, primary_key=True),
        sa.Column("room_id", sa.Integer, sa.ForeignKey("rooms.id"), nullable=False),
        sa.Column("guest", sa.String(40), nullable=False),
        sa.Column("during", TSTZRANGE, nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        ExcludeConstraint(("room_id", "="), ("during", "&&"), name="one_at_a_time"),
    )
    op.bulk_insert(
        sa.table("rooms", sa.column("name"), sa.column("seats")),
        [{"name": "Hall", "seats": 100}, {"name": "Cellar", "seats": 12}],
    )


def downgrade() -> None:
    op.drop_table("bookings")
