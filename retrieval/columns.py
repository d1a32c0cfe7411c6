"""Columns that mean the same in SQLite and in PostgreSQL."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

Text = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
"""In the order of its code points, whatever the server's language."""
Int = sa.BigInteger()
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""SQLite calls the key of its rows INTEGER, and nothing else."""
Real: sa.types.TypeEngine[float] = sa.Double()
Bytes = sa.LargeBinary()


def create_counters() -> None:
    """The table that `database.next_ids` needs, with what SQLite itself has counted in older files."""
    counters = op.create_table(
        "counters",
        sa.Column("name", Text, primary_key=True),
        sa.Column("last", Int, nullable=False),
        sqlite_with_rowid=False,
    )
    if sa.inspect(op.get_bind()).has_table("sqlite_sequence"):
        counted = sa.table("sqlite_sequence", sa.column("name"), sa.column("seq"))
        op.execute(counters.insert().from_select(["name", "last"], sa.select(counted.c.name, counted.c.seq)))
