"""The results database: register sweeps, claim runs, record epochs, ask questions."""

from gst.store.bounds import Answer, Limits
from gst.store.checkpoint import checkpoints
from gst.store.details import RunDetails
from gst.store.faults import STORE_ERRORS, complaint, fault, reason
from gst.store.looks import Look
from gst.store.mixtures import mixtures
from gst.store.progress import Progress
from gst.store.reading import sweep_names, sweep_version
from gst.store.recorder import Recorder
from gst.store.run_pages import Filter, run_page, silent_runs
from gst.store.run_states import RunState, run_states
from gst.store.store import Store
from gst.store.unmeasured import lacking, unmeasured
from gst.store.versions import Version

__all__ = [
    "STORE_ERRORS",
    "Answer",
    "Filter",
    "Limits",
    "Look",
    "Progress",
    "Recorder",
    "RunDetails",
    "RunState",
    "Store",
    "Version",
    "checkpoints",
    "complaint",
    "fault",
    "lacking",
    "mixtures",
    "reason",
    "run_page",
    "run_states",
    "silent_runs",
    "sweep_names",
    "sweep_version",
    "unmeasured",
]
