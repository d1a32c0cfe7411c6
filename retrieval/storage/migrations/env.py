"""What alembic runs for each migration: within the transaction that `migrations.upgrade` has begun."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    version_table=context.config.attributes["version_table"],
)
context.run_migrations()
