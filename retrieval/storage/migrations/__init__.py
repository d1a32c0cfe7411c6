"""Migrations: how a database gets its tables, by alembic, in SQLite and in PostgreSQL alike.

Each part of what Quoth keeps has a folder of revisions, numbered from "0001", and a table `schema_version` that names
the newest it has. alembic takes half a second to import, so that happens only when there is something to do.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, event
from sqlalchemy.pool import NullPool

if TYPE_CHECKING:
    from collections.abc import Callable

VERSION_TABLE = "schema_version"


def upgrade(
    revisions: Path,
    dialect: str,
    connect: Callable[[], Any],
    begin: str,
    known: Callable[[Any], str | None] = lambda _: None,
) -> None:
    """Bring a database to the newest revision, in one transaction.

    Args:
        revisions: the folder of them.
        dialect: of SQLAlchemy, such as "sqlite".
        connect: opens a connection of that dialect's driver, which leaves it to others to begin a transaction.
        begin: SQL that begins one, alone with the right to write.
        known: called with the connection when it has begun; may name the revision that the tables of a database are
            equal to that was made before there were revisions.
    """
    engine = create_engine(f"{dialect}://", creator=connect, poolclass=NullPool)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    with engine.begin() as connection:
        config = _config(revisions)
        config.attributes.update(connection=connection, version_table=VERSION_TABLE)
        found = known(connection.connection.driver_connection)
        if found:
            command.stamp(config, found)
        command.upgrade(config, "head")


def _config(revisions: Path) -> Config:
    config = Config()
    for option, value in (
        ("script_location", str(Path(__file__).parent)),
        ("version_locations", str(revisions)),
        ("path_separator", "os"),
    ):
        config.set_main_option(option, value.replace("%", "%%"))
    return config
