"""The training images that a run leaves out by what another run makes of them (Jin et al. 2022)."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from gst.analysis.own_level import own_level
from gst.analysis.single_examples import Integers, SingleExamples, members
from gst.config import RunSpec, run_key
from gst.config.leave_out import LeaveOut
from gst.config.measure import EachExampleConfig, Measurements
from gst.launch.measuring import Place, measure
from gst.launch.single_examples import examples
from gst.store import Store, lacking
from gst.training import stream


def left_out(store: Store, spec: RunSpec, place: Place) -> Tensor | None:
    """The indices (int64, [k], rising) in the data set's training split; None where no other run says.

    They are those that the run's rows name, once it has any. What is lacking of the other run, which has
    completed, is measured first. Raises InputError where it has no such level.
    """
    wanted, source = spec.config.data.leave_out, spec.config.chooser
    if wanted is None or source is None:
        return None
    if (before := store.left_out(run_key(spec))) is not None:
        return torch.tensor(before, dtype=torch.int64)
    key = run_key(RunSpec(source, spec.seed))
    level = 0 if wanted.level is None else own_level(store, key, wanted.level)
    dense, sparse = (_looked_at(store, key, it, place) for it in (0, level))
    positions = chosen(wanted, dense, sparse)
    if wanted.at_random:
        drawn = torch.randperm(len(dense.images), generator=stream(spec.seed, "leave_out"))
        positions = drawn[: len(positions)].numpy()
    return torch.from_numpy(np.sort(dense.images[positions]).astype(np.int64))


def chosen(wanted: LeaveOut, dense: SingleExamples, sparse: SingleExamples) -> Integers:
    """The positions of the images that the rule names."""
    assert wanted.rule is not None
    assert wanted.rule != "random"
    found = members(wanted.rule, dense, sparse)
    return found if wanted.share is None else found[: round(wanted.share * len(dense.images))]


def _looked_at(store: Store, key: str, level: int, place: Place) -> SingleExamples:
    asked = Measurements(each_example=(EachExampleConfig(levels=(level,)),))
    if lacking(store, {key: asked}):
        threads = torch.get_num_threads()
        try:
            measure(store, key, asked, place)
        finally:
            torch.set_num_threads(threads)
    return examples(store, key, level, artifacts=place.artifacts)
