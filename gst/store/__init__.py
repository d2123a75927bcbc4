"""The results database: register sweeps, claim runs, record epochs, ask questions."""

from sqlalchemy.exc import InterfaceError, OperationalError

from gst.errors import StoreError
from gst.records import DatasetFacts, Provenance
from gst.store.account import Account, account
from gst.store.annotate import Note
from gst.store.bounds import Answer, Limits
from gst.store.checkpoint import Checkpoint, checkpoints
from gst.store.connect import disk_is_full
from gst.store.details import RunDetails
from gst.store.integrity import integrity_problems
from gst.store.looks import Look
from gst.store.migrate import Upgrade, upgrade
from gst.store.progress import ArmProgress, Progress, SweepRow
from gst.store.queries import NamedQuery, Rows, named_queries
from gst.store.reading import (
    Failure,
    SweepState,
    content_hash,
    failures,
    leveled_sweeps,
    results_version,
    run_summary,
    runs_version,
    seeds_at_stop,
    store_version,
    sweep_digests,
    sweep_names,
    sweep_states,
    sweep_version,
    tag_names,
)
from gst.store.recorder import Recorder
from gst.store.run_pages import RUN_COLUMNS, Filter, RunPage, arms, listed_runs, run_page
from gst.store.run_states import RunState, keys_of_other_sweeps, run_states, training_times
from gst.store.store import Store
from gst.store.transfer import Copied, Fate, Merged, TableCopy, copy

TRANSIENT: tuple[type[Exception], ...] = (OperationalError, InterfaceError, StoreError)
"""The errors of a store that was fine a moment ago: a server restarts, a disk is full, a network is gone."""

__all__ = [
    "RUN_COLUMNS",
    "TRANSIENT",
    "Account",
    "Answer",
    "ArmProgress",
    "Checkpoint",
    "Copied",
    "DatasetFacts",
    "Failure",
    "Fate",
    "Filter",
    "Limits",
    "Look",
    "Merged",
    "NamedQuery",
    "Note",
    "Progress",
    "Provenance",
    "Recorder",
    "Rows",
    "RunDetails",
    "RunPage",
    "RunState",
    "Store",
    "SweepRow",
    "SweepState",
    "TableCopy",
    "Upgrade",
    "account",
    "arms",
    "checkpoints",
    "content_hash",
    "copy",
    "disk_is_full",
    "failures",
    "integrity_problems",
    "keys_of_other_sweeps",
    "leveled_sweeps",
    "listed_runs",
    "named_queries",
    "results_version",
    "run_page",
    "run_states",
    "run_summary",
    "runs_version",
    "seeds_at_stop",
    "store_version",
    "sweep_digests",
    "sweep_names",
    "sweep_states",
    "sweep_version",
    "tag_names",
    "training_times",
    "upgrade",
]
