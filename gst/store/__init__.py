"""The results database: register sweeps, claim runs, record epochs, ask questions."""

from gst.records import DatasetFacts, Provenance
from gst.store.account import Account, account
from gst.store.annotate import Note
from gst.store.bounds import Answer, Limits
from gst.store.checkpoint import Checkpoint, checkpoints
from gst.store.details import RunDetails
from gst.store.faults import STORE_ERRORS, complaint, disk_is_full, fault, reason
from gst.store.integrity import integrity_problems
from gst.store.looks import Look
from gst.store.migrate import Upgrade, upgrade
from gst.store.mixtures import Mixture, mixtures
from gst.store.progress import ArmProgress, Progress
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
    sweep_names,
    sweep_states,
    sweep_version,
    tag_names,
)
from gst.store.recorder import Recorder
from gst.store.run_pages import RUN_COLUMNS, Filter, RunPage, arms, listed_runs, run_page, silent_runs
from gst.store.run_states import RunState, keys_of_other_sweeps, run_states, training_times
from gst.store.store import Store
from gst.store.takeovers import takeovers
from gst.store.transfer import Copied, Fate, Merged, TableCopy, copy
from gst.store.unmeasured import lacking, unmeasured
from gst.store.versions import Version

__all__ = [
    "RUN_COLUMNS",
    "STORE_ERRORS",
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
    "Mixture",
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
    "SweepState",
    "TableCopy",
    "Upgrade",
    "Version",
    "account",
    "arms",
    "checkpoints",
    "complaint",
    "content_hash",
    "copy",
    "disk_is_full",
    "failures",
    "fault",
    "integrity_problems",
    "keys_of_other_sweeps",
    "lacking",
    "leveled_sweeps",
    "listed_runs",
    "mixtures",
    "named_queries",
    "reason",
    "results_version",
    "run_page",
    "run_states",
    "run_summary",
    "runs_version",
    "seeds_at_stop",
    "silent_runs",
    "store_version",
    "sweep_names",
    "sweep_states",
    "sweep_version",
    "tag_names",
    "takeovers",
    "training_times",
    "unmeasured",
    "upgrade",
]
