"""The results database: register sweeps, claim runs, record epochs, ask questions."""

from sqlalchemy.exc import InterfaceError, OperationalError

from gst.errors import StoreError
from gst.store.annotate import Note
from gst.store.connect import disk_is_full
from gst.store.details import RunDetails
from gst.store.migrate import Upgrade, upgrade
from gst.store.progress import ArmProgress, Progress, SweepRow
from gst.store.provenance import DatasetFacts, Provenance
from gst.store.queries import NamedQuery, Rows, named_queries
from gst.store.recorder import Recorder
from gst.store.store import Store
from gst.store.transfer import Copied, Fate, Merged, TableCopy, copy

TRANSIENT: tuple[type[Exception], ...] = (OperationalError, InterfaceError, StoreError)
"""What a store raises that was fine a moment ago: a server restarts, a disk is full, a network is gone."""

__all__ = [
    "TRANSIENT",
    "ArmProgress",
    "Copied",
    "DatasetFacts",
    "Fate",
    "Merged",
    "NamedQuery",
    "Note",
    "Progress",
    "Provenance",
    "Recorder",
    "Rows",
    "RunDetails",
    "Store",
    "SweepRow",
    "TableCopy",
    "Upgrade",
    "copy",
    "disk_is_full",
    "named_queries",
    "upgrade",
]
