"""How Alembic runs a migration: on the connection that gst hands over, or on the store of GST_DB_URL."""

from alembic import context

from gst.store.connect import connect, parsed, writing
from gst.store.schema import metadata
from gst.store.utc_time import Time


def plainly(kind, item, _):
    """A migration must not change with the code, so it names no type of ours."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, Time) else False


def run(connection):
    context.configure(
        connection=connection, target_metadata=metadata, render_as_batch=True, render_item=plainly
    )
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    raise SystemExit("gst migrates databases, not scripts: run without --sql")
handed_over = context.config.attributes.get("connection")
if handed_over is not None:
    run(handed_over)
else:
    engine = connect(parsed(""))
    with writing(engine).connect() as own:
        if own.dialect.name == "sqlite":  # as gst.store.migrate does, and for the same reason
            own.connection.cursor().execute("PRAGMA foreign_keys=OFF")
        with own.begin():
            run(own)
    engine.dispose()
