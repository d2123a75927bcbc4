"""Where and with what a run was trained, under the name that the store's users know."""

from __future__ import annotations

from gst.records import DatasetFacts, Provenance

__all__ = ["DatasetFacts", "Provenance"]
