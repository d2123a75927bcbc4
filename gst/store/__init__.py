"""The results database: register sweeps, claim runs, record epochs, ask questions."""

from sqlalchemy.exc import InterfaceError, OperationalError

from gst.errors import StoreError
from gst.store.details import RunDetails
from gst.store.migrate import Upgrade, upgrade
from gst.store.progress import ArmProgress, Progress, SweepRow
from gst.store.provenance import DatasetFacts, Provenance
from gst.store.queries import NamedQuery, Rows, named_queries
from gst.store.recorder import Recorder
from gst.store.store import Store

TRANSIENT: tuple[type[Exception], ...] = (OperationalError, InterfaceError, StoreError)
"""What a store raises that was fine a moment ago: a server restarts, a disk is full, a network is gone."""

__all__ = [
    "TRANSIENT",
    "ArmProgress",
    "DatasetFacts",
    "NamedQuery",
    "Progress",
    "Provenance",
    "Recorder",
    "Rows",
    "RunDetails",
    "Store",
    "SweepRow",
    "Upgrade",
    "named_queries",
    "upgrade",
]
