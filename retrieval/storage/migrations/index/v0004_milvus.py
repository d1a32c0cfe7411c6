"""What Milvus shows has a table of its own; vectors that await the rest of their document are called partial."""

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
    found = op.get_bind().execute(sa.select(manifest.c.key, manifest.c.value))
    known = {str(key): str(value) for key, value in found}
    identity, build = known.get("identity", ""), known.get("shelf", "")
    rows = [(each.removeprefix("former."), 0, "", 0) for each in known if each.startswith("former.")]
    if build:
        rows.append((identity, 0, build, 0))
    rows += [
        (identity, int(each.removeprefix("shown.")), build, int(generation))
        for each, generation in known.items()
        if each.startswith("shown.")
    ]
    columns = ("identity", "collection_id", "build", "generation")
    op.bulk_insert(milvus, [dict(zip(columns, row, strict=True)) for row in rows])
    op.execute("DELETE FROM manifest WHERE key = 'shelf' OR key LIKE 'shown.%' OR key LIKE 'former.%'")
    op.execute("UPDATE manifest SET key = 'oldest_change' WHERE key = 'pruned'")
    op.rename_table("spare_vectors", "partial_vectors")
