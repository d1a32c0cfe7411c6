"""What Milvus holds gets a table of its own; vectors of documents that are half encoded are called partial."""

import sqlalchemy as sa
from alembic import op

from retrieval.columns import Int, Text

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    milvus = op.create_table(
        "milvus",
        sa.Column("identity", Text, primary_key=True),
        sa.Column("collection_id", Int, primary_key=True, autoincrement=False),
        sa.Column("build", Text, nullable=False),
        sa.Column("generation", Int, nullable=False),
        sqlite_with_rowid=False,
    )
    manifest = sa.table("manifest", sa.column("key"), sa.column("value"))
    known: dict[str, str] = {str(key): str(value) for key, value in op.get_bind().execute(sa.select(manifest))}
    identity, build = known.get("identity", ""), known.get("shelf", "")
    rows = [(identity, 0, build, 0)] if build else []
    for key, value in known.items():
        if key.startswith("former."):
            rows.append((key.removeprefix("former."), 0, "", 0))
        if key.startswith("shown."):
            rows.append((identity, int(key.removeprefix("shown.")), build, int(value)))
    op.bulk_insert(milvus, [dict(zip(milvus.c.keys(), row, strict=True)) for row in rows])
    op.execute("DELETE FROM manifest WHERE key = 'shelf' OR key LIKE 'shown.%' OR key LIKE 'former.%'")
    op.execute("UPDATE manifest SET key = 'oldest_change' WHERE key = 'pruned'")
    op.rename_table("spare_vectors", "partial_vectors")
