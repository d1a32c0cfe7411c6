"""Migrations create and change the tables of a database with alembic, in SQLite and in PostgreSQL.

Each schema has a folder of revisions, numbered from "0001", and a table `schema_version` with its revision. alembic
takes half a second to import, so that happens only when there is something to do.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

if TYPE_CHECKING:
    from collections.abc import Callable


def upgrade(
    revisions: Path,
    dialect: str,
    connect: Callable[[], Any],
    begin: str,
    find_revision: Callable[[Any], str | None] = lambda _: None,
) -> None:
    """Upgrade a database to the newest revision, in one transaction.

    Args:
        revisions: their folder.
        dialect: of SQLAlchemy, such as "sqlite".
        connect: opens a connection of that dialect's driver in autocommit mode.
        begin: SQL that begins a transaction with the lock for writing.
        find_revision: called with the connection within the transaction; names the revision that a database from
            before there were revisions is equal to, if it is one.

    Raises:
        Exception: of the dialect's driver.
    """
    config = Config()
    locations = {"script_location": str(Path(__file__).parent), "version_locations": str(revisions)}
    for option, value in (locations | {"path_separator": "os"}).items():
        config.set_main_option(option, value.replace("%", "%%"))
    engine = create_engine(f"{dialect}://", creator=connect, poolclass=NullPool)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    try:
        with engine.begin() as connection:
            config.attributes.update(connection=connection, version_table="schema_version")
            revision = find_revision(connection.connection.driver_connection)
            if revision:
                command.stamp(config, revision)
            command.upgrade(config, "head")
    except DBAPIError as error:
        raise (error.orig or error) from error
