from __future__ import annotations

from alembic import context
from bookings.models import Base
from sqlalchemy import Connection, create_engine, pool

config = context.config


def migrate(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=Base.metadata)
    with context.begin_transaction():
        context.run_migrations()


engine = create_engine(
    config.get_main_option("sqlalchemy.url"), poolclass=pool.NullPool
)
with engine.connect() as connection:
    migrate(connection)
    connection.commit()
