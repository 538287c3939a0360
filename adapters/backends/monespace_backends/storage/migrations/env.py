"""What Alembic runs: the revisions, on the connection and in the transaction of the caller."""

from alembic import context
from sqlalchemy.sql import quoted_name

from monespace_backends.storage.database import VERSION_TABLE, TableNames
from monespace_backends.storage.tables import metadata

attributes = context.config.attributes
names: TableNames = attributes.get("names", TableNames())
context.configure(
    connection=attributes["connection"],
    target_metadata=metadata,
    version_table=quoted_name(names.table_prefix + VERSION_TABLE, quote=False),
    version_table_schema=names.schema,
    render_as_batch=True,  # SQLite changes a table by making it anew
)
with context.begin_transaction():
    context.run_migrations()
