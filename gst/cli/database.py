"""gst db: the schema of a store, and whether what it holds is whole."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from gst.cli.options import Db
from gst.cli.output import KEY_DIGITS, print_text
from gst.cli.transfer import copy_command
from gst.errors import GstError

if TYPE_CHECKING:
    from gst.store import Store

db = typer.Typer(no_args_is_help=True, help="Upgrade, check or copy a store.")

db.command("copy")(copy_command)


@db.command()
def upgrade(db: Db = None) -> None:
    """Bring a store to this gst's schema, or make one."""
    from gst.paths import store_url
    from gst.store import upgrade as bring_up

    before, after = bring_up(store_url(db))
    print_text(f"schema {after}" if before == after else f"schema {before or 'none'} -> {after}")


@db.command()
def check(db: Db = None) -> None:
    """Check that a store is whole.

    Its schema is this gst's, every run is what its key says, has all its epochs and is in a sweep, and
    every pruning event has its layers. Exit code 1 if anything is wrong.
    """
    from gst.paths import store_url
    from gst.store import Store

    with Store.open(store_url(db), readonly=True) as store:
        problems = [*_wrong_rows(store), *_wrong_keys(store)]
        runs = store.query("SELECT COUNT(*) FROM runs").rows[0][0]
    if problems:
        raise GstError("the store is not whole:\n  " + "\n  ".join(problems))
    print_text(f"{runs} runs, all as they should be")


CHECKS = {
    "is completed, and lacks epochs": """
        SELECT r.key FROM runs r JOIN configs c ON c.config_id = r.config_id
        WHERE r.status = 'completed'
          AND (SELECT COUNT(*) FROM epochs e WHERE e.run_id = r.run_id) <> c.epochs""",
    "has gaps in its epochs, or others than it says": """
        SELECT r.key FROM runs r
        LEFT JOIN (SELECT run_id, COUNT(*) AS n, MAX(epoch) AS last FROM epochs GROUP BY run_id) e
          ON e.run_id = r.run_id
        WHERE COALESCE(e.n, 0) <> COALESCE(e.last, -1) + 1
          OR COALESCE(e.last, -1) <> COALESCE(r.last_epoch, -1)""",
    "has a pruning event without layers": """
        SELECT DISTINCT r.key FROM runs r JOIN pruning_events p ON p.run_id = r.run_id
        WHERE NOT EXISTS (SELECT 1 FROM layer_prunings l WHERE l.run_id = p.run_id AND l.epoch = p.epoch)""",
    "is in no sweep": """
        SELECT r.key FROM runs r WHERE NOT EXISTS (SELECT 1 FROM sweep_runs m WHERE m.run_id = r.run_id)""",
}


def _wrong_rows(store: Store) -> Iterator[str]:
    for problem, statement in CHECKS.items():
        for (key,) in store.query(statement).rows:
            yield f"run {key[:KEY_DIGITS]} {problem}"


def _wrong_keys(store: Store) -> Iterator[str]:
    """A key is a hash of content, so a row that was changed by hand betrays itself."""
    from gst.config import RunSpec, config_from_json, run_key

    found = store.query(
        "SELECT r.key, r.seed, c.hash, c.config FROM runs r JOIN configs c ON c.config_id = r.config_id"
    )
    for key, seed, digest, text in found.rows:
        if hashlib.sha256(text.encode()).hexdigest() != digest:
            yield f"run {key[:KEY_DIGITS]} has a configuration that is not the one of its hash"
        elif run_key(RunSpec(config_from_json(text), seed)) != key:
            yield f"run {key[:KEY_DIGITS]} is not the run of its key"
