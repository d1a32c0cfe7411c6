"""Columns that mean the same in SQLite and in PostgreSQL."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

Text = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
"""Ordered by code points, whatever the server's language."""
Int = sa.BigInteger()
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""In SQLite, only a key of the type INTEGER is the number of the row."""
Real: sa.types.TypeEngine[float] = sa.Double()
Bytes = sa.LargeBinary()


def create_counters() -> None:
    """Create the table for `database.next_ids`, with the ids that SQLite itself has counted in older files."""
    counters = op.create_table(
        "counters",
        sa.Column("name", Text, primary_key=True),
        sa.Column("last", Int, nullable=False),
        sqlite_with_rowid=False,
    )
    if sa.inspect(op.get_bind()).has_table("sqlite_sequence"):
        counted = sa.table("sqlite_sequence", sa.column("name"), sa.column("seq"))
        op.execute(counters.insert().from_select(["name", "last"], sa.select(counted.c.name, counted.c.seq)))
