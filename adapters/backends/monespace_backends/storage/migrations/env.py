"""What Alembic runs: the revisions, on the connection and in the transaction of the caller."""

from alembic import context

from monespace_backends.storage.database import VERSION_TABLE
from monespace_backends.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,  # SQLite changes a table by making it anew
)
with context.begin_transaction():
    context.run_migrations()
