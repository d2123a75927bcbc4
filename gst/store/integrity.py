"""The integrity of a store: whether each run is what its key says, and has the rows that it should."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from sqlalchemy import select

from gst.config import RunSpec, config_from_json, run_key
from gst.config.key import older_key
from gst.store.schema import configs, runs
from gst.words import short

if TYPE_CHECKING:
    from gst.store.store import Store

_CHECKS: Mapping[str, str] = {
    "is completed, and lacks epochs": """
        SELECT r.key FROM runs r JOIN configs c ON c.config_id = r.config_id
        WHERE r.status = 'completed'
          AND (SELECT COUNT(*) FROM epochs e WHERE e.run_id = r.run_id) <> c.epochs""",
    "has gaps in its epochs, or others than it says": """
        SELECT r.key FROM runs r JOIN configs c ON c.config_id = r.config_id
        LEFT JOIN (SELECT run_id, COUNT(*) AS n, MAX(epoch) AS last FROM epochs GROUP BY run_id) e
          ON e.run_id = r.run_id
        WHERE COALESCE(e.n, 0) <> COALESCE(e.last + 1 - COALESCE(c.branch_epoch, 0), 0)
          OR COALESCE(e.last, -1) <> COALESCE(r.last_epoch, -1)""",
    "has a pruning event without layers": """
        SELECT DISTINCT r.key FROM runs r JOIN pruning_events p ON p.run_id = r.run_id
        WHERE NOT EXISTS (SELECT 1 FROM layer_prunings l WHERE l.run_id = p.run_id AND l.epoch = p.epoch)""",
    "is in no sweep": """
        SELECT r.key FROM runs r WHERE NOT EXISTS (SELECT 1 FROM sweep_runs m WHERE m.run_id = r.run_id)""",
}
"""What may be wrong with a run's rows, and the query for the keys of those runs."""


def integrity_problems(store: Store) -> Iterator[str]:
    """What is wrong with runs of the store, one sentence for each run and problem."""
    for problem, statement in _CHECKS.items():
        for (key,) in store.query(statement).rows:
            yield f"run {short(key)} {problem}"
    yield from _wrong_keys(store)


def _wrong_keys(store: Store) -> Iterator[str]:
    """A key is a hash of content, so a row that was changed by hand betrays itself."""
    query = select(runs.c.key, runs.c.seed, configs.c.hash, configs.c.config).join_from(runs, configs)
    for key, seed, digest, text in store.select(query):
        if hashlib.sha256(text.encode()).hexdigest() != digest:
            yield f"run {short(key)} has a configuration that is not the one of its hash"
        elif key not in (run_key(spec := RunSpec(config_from_json(text), seed)), older_key(spec)):
            yield f"run {short(key)} is not the run of its key"
