"""A sweep's data compared with those that its runs were trained on, before anything trains."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from gst.config import SweepSpec, run_key
from gst.errors import OtherData
from gst.launch.provenance import place_of
from gst.records import DatasetFacts
from gst.store import Store, run_states
from gst.store.same_data import ANEW, MIXED, Found, trained_on_others
from gst.store.schema import ENDED


def refuse_other_data(
    store: Store, sweep: SweepSpec, loaded: Mapping[str, DatasetFacts], *, data: Path, retry_failed: bool
) -> None:
    """Raise OtherData where runs of the sweep would be trained on other data than before, or than others.

    `loaded` are the data sets as they lie in the data folder now, by `DataConfig.label`.
    """
    for label, facts in loaded.items():
        different = {it.key: it for it in trained_on_others(store, label, facts)}
        if not different:
            continue
        found = Found(facts, place_of(facts, data))
        keys = dict.fromkeys(run_key(spec) for _, spec in sweep.runs() if spec.config.data.label == label)
        states = {it.key: it for it in run_states(store)}
        ended = set(ENDED) - {"failed"} if retry_failed else set(ENDED)
        left = [key for key in keys if key not in states or states[key].status not in ended]
        goes_on = {key for key in left if key in states and states[key].checkpoint is not None}
        for key in left:
            if key in goes_on and key in different:
                raise OtherData(f"sweep {sweep.name}: {found.continues(different[key])}{ANEW}")
        # What a run without a checkpoint has left is deleted when it begins.
        others = [different[key] for key in keys if key in different and (key in goes_on or key not in left)]
        if others and not goes_on.issuperset(left):
            raise OtherData(f"sweep {sweep.name}: {found.mixes(others[0], len(others))}{MIXED}")
