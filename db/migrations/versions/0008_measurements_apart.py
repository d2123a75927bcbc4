"""Measurements of a network as it stands are no part of a run's key, and may be made in several ways.

Runs that differed in nothing else become one, where one of them was never tried. A run whose twin was tried
as well keeps its key, and all that it yielded.

Revision ID: 0008
Revises: 0007
"""

import hashlib
import json

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

OF_STATE = ("flatness", "normality")


def upgrade() -> None:
    # SQLite rebuilds a table, for the words of a new store's, and refuses while a view reads it.
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    views = _drop_views() if on_sqlite else []
    with op.batch_alter_table("sweep_runs", recreate="always" if on_sqlite else "never") as sweep_runs:
        sweep_runs.add_column(sa.Column("measure", sa.Text()))
    op.create_table(
        "kept_states",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("checkpoint", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("artifacts", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_kept_states_run_id")),
        sa.PrimaryKeyConstraint("run_id", "epoch", name=op.f("pk_kept_states")),
        sqlite_with_rowid=False,
    )
    asked = _asked()
    _add_settings(asked)
    _rename(asked)
    for definition in views:
        op.get_bind().exec_driver_sql(definition)


def _run(statement, **values):
    return op.get_bind().execute(sa.text(statement), values)


def _json(content) -> str:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _asked() -> dict:
    """By id the configurations that ask for a measurement: what they ask, and themselves without it."""
    found = {}
    for config_id, text in _run(
        "SELECT config_id, config FROM configs WHERE config LIKE '%\"measure\"%'"
    ).all():
        config = json.loads(text)
        measure = config.pop("measure", {})
        asked = {name: measure.pop(name) for name in OF_STATE if name in measure}
        if asked:
            found[config_id] = asked, _json(config | ({"measure": measure} if measure else {}))
    for config_id, (asked, _) in found.items():
        _run(
            "UPDATE sweep_runs SET measure = :asked "
            "WHERE run_id IN (SELECT run_id FROM runs WHERE config_id = :config_id)",
            asked=_json(asked),
            config_id=config_id,
        )
    return found


def _add_settings(asked: dict) -> None:
    """Make the tables of measurements again, with the way of measuring in their keys."""
    names = ("normality", "perturbation_losses", "eigenvalues", "flatness")
    for name in names:
        op.execute(f"CREATE TEMPORARY TABLE old_{name} AS SELECT * FROM {name}")
        op.drop_table(name)
    _create_tables()
    columns = {name: [it["name"] for it in sa.inspect(op.get_bind()).get_columns(name)] for name in names}
    ways = {}
    query = (
        "SELECT f.run_id, r.config_id, f.epoch, f.images, f.method, f.eigenpairs "
        "FROM old_flatness f JOIN runs r ON r.run_id = f.run_id"
    )
    for run_id, config_id, epoch, *own in _run(query).all():
        ways[run_id, epoch] = _way(asked.get(config_id, ({}, ""))[0].get("flatness"), epoch, *own)
    for (run_id, epoch), way in ways.items():
        _refill("flatness", columns, ":way", "t.run_id = :run_id AND t.epoch = :epoch", way, run_id, epoch)
    for name in ("eigenvalues", "perturbation_losses"):
        of_flatness = "(SELECT f.settings FROM flatness f WHERE f.run_id = t.run_id AND f.epoch = t.epoch)"
        _refill(name, columns, of_flatness)
    for (run_id,) in _run("SELECT DISTINCT run_id FROM old_normality").all():
        (config_id,) = _run("SELECT config_id FROM runs WHERE run_id = :run_id", run_id=run_id).one()
        way = _json(asked.get(config_id, ({}, ""))[0].get("normality", {}))
        _refill("normality", columns, ":way", "t.run_id = :run_id", way, run_id)
    for name in names:
        op.execute(f"DROP TABLE old_{name}")


def _way(asked, epoch, images, method, eigenpairs) -> str:
    """The settings of a measurement: those of the configuration, or what the row tells of them."""
    if asked is not None and asked["epoch"] == epoch:
        return _json({name: value for name, value in asked.items() if name != "epoch"})
    found = {"images": images, "method": method, "eigenpairs": eigenpairs}
    default = {"images": 512, "method": "lanczos", "eigenpairs": 100}
    return _json({name: value for name, value in found.items() if value != default[name]})


def _refill(table, columns, settings, where="1 = 1", way=None, run_id=None, epoch=None) -> None:
    names = columns[table]
    values = ", ".join(f"CAST({settings} AS TEXT)" if it == "settings" else f"t.{it}" for it in names)
    given = {"way": way, "run_id": run_id, "epoch": epoch}
    statement = f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM old_{table} t WHERE {where}"
    _run(statement, **{name: value for name, value in given.items() if f":{name}" in statement})


def _rename(asked: dict) -> None:
    """Give runs the keys that they have without what is measured of them."""
    for config_id, (_, text) in asked.items():
        new = _config_of(config_id, text)
        rows = _run(
            "SELECT run_id, seed, status, attempt FROM runs WHERE config_id = :config_id",
            config_id=config_id,
        )
        for run_id, seed, status, attempt in rows.all():
            key = _sha256(f'{{"config":{text},"seed":{seed}}}')
            twin = _run("SELECT run_id, status, attempt FROM runs WHERE key = :key", key=key).one_or_none()
            if twin is not None and (status, attempt) == ("pending", 0):
                _merge(run_id, twin.run_id)
            elif twin is None or (twin.status, twin.attempt) == ("pending", 0):
                if twin is not None:
                    _merge(twin.run_id, run_id)
                _run(
                    "UPDATE runs SET key = :key, config_id = :new WHERE run_id = :run_id",
                    key=key,
                    new=new,
                    run_id=run_id,
                )
        for either in {config_id, new}:
            unused = "NOT EXISTS (SELECT 1 FROM runs r WHERE r.config_id = configs.config_id)"
            _run(f"DELETE FROM configs WHERE config_id = :either AND {unused}", either=either)


def _config_of(config_id: int, text: str) -> int:
    """The id of the configuration with that text, which is made like that one if it is new."""
    digest = _sha256(text)
    found = _run("SELECT config_id FROM configs WHERE hash = :digest", digest=digest).scalar()
    if found is not None:
        return found
    columns = [it["name"] for it in sa.inspect(op.get_bind()).get_columns("configs")]
    same = ", ".join(it for it in columns if it not in ("config_id", "hash", "config"))
    _run(
        f"INSERT INTO configs (hash, config, {same}) "
        f"SELECT CAST(:digest AS TEXT), CAST(:text AS TEXT), {same} FROM configs "
        "WHERE config_id = :config_id",
        digest=digest,
        text=text,
        config_id=config_id,
    )
    return _run("SELECT config_id FROM configs WHERE hash = :digest", digest=digest).scalar_one()


def _merge(gone: int, run_id: int) -> None:
    """Have sweeps, tags and notes of a run that was never tried point to another one."""
    of_both = {"gone": gone, "run_id": run_id}
    again = (
        "EXISTS (SELECT 1 FROM sweep_runs o WHERE o.run_id = :run_id AND o.sweep_id = sweep_runs.sweep_id "
        "AND o.arm = sweep_runs.arm)"
    )
    _run(f"DELETE FROM sweep_runs WHERE run_id = :gone AND {again}", **of_both)
    _run("UPDATE sweep_runs SET run_id = :run_id WHERE run_id = :gone", **of_both)
    worn = "tag IN (SELECT o.tag FROM run_tags o WHERE o.run_id = :run_id)"
    _run(f"DELETE FROM run_tags WHERE run_id = :gone AND {worn}", **of_both)
    for table in ("run_tags", "notes"):
        _run(f"UPDATE {table} SET run_id = :run_id WHERE run_id = :gone", **of_both)
    _run("DELETE FROM runs WHERE run_id = :gone", gone=gone)


def _create_tables() -> None:
    op.create_table(
        "flatness",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("images", sa.Integer(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("eigenpairs", sa.Integer(), nullable=False),
        sa.Column("hessian_trace", sa.Double()),
        sa.Column("significant_trace", sa.Double()),
        sa.Column("stochastic_trace", sa.Double()),
        sa.Column("gradient_trace", sa.Double()),
        sa.Column("tic", sa.Double()),
        sa.Column("epsilon", sa.Double()),
        sa.Column("refined_epsilon", sa.Double()),
        sa.Column("base_loss", sa.Double()),
        sa.Column("products", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_flatness_run_id")),
        sa.PrimaryKeyConstraint("run_id", "epoch", "settings", name=op.f("pk_flatness")),
        sqlite_with_rowid=False,
    )
    for name, columns, key in (
        (
            "eigenvalues",
            [
                sa.Column("value", sa.Double(), nullable=False),
                sa.Column("residual", sa.Double(), nullable=False),
            ],
            ["rank"],
        ),
        (
            "perturbation_losses",
            [sa.Column("epsilon", sa.Double(), nullable=False), sa.Column("increase", sa.Double())],
            ["rank", "epsilon"],
        ),
    ):
        op.create_table(
            name,
            sa.Column("run_id", sa.Integer(), nullable=False),
            sa.Column("epoch", sa.Integer(), nullable=False),
            sa.Column("settings", sa.Text(), nullable=False),
            sa.Column("rank", sa.Integer(), nullable=False),
            *columns,
            sa.ForeignKeyConstraint(
                ["run_id", "epoch", "settings"],
                ["flatness.run_id", "flatness.epoch", "flatness.settings"],
                name=op.f(f"fk_{name}_run_id_epoch_settings"),
            ),
            sa.PrimaryKeyConstraint("run_id", "epoch", "settings", *key, name=op.f(f"pk_{name}")),
            sqlite_with_rowid=False,
        )
    op.create_table(
        "normality",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("statistics", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("mean", sa.Double()),
        sa.Column("variance", sa.Double()),
        sa.Column("kurtosis", sa.Double()),
        sa.Column("ks", sa.Double()),
        sa.Column("density", sa.JSON(), nullable=False),
        sa.CheckConstraint("statistics IN ('batch', 'running')", name=op.f("ck_normality_statistics")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_normality_run_id")),
        sa.PrimaryKeyConstraint(
            "run_id", "epoch", "settings", "layer", "statistics", name=op.f("pk_normality")
        ),
        sqlite_with_rowid=False,
    )


def _drop_views() -> list[str]:
    """The definitions of all views, in the order in which they were made; the views are gone."""
    found = op.get_bind().execute(
        sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'view' ORDER BY rowid")
    )
    views = found.all()
    for name, _ in views:
        op.get_bind().exec_driver_sql(f'DROP VIEW "{name}"')
    return [definition for _, definition in views]
