"""The completed runs of a sweep with what a comparison needs beyond their results."""

from __future__ import annotations

import math
from collections.abc import Mapping
from statistics import fmean
from typing import TYPE_CHECKING, NamedTuple

from gst.analysis.levels import LevelResult, group_loss_results, level_results
from gst.analysis.measurements import (
    FlatnessResult,
    NormalityResult,
    flatness_results,
    normality_results,
    perturbation_results,
)
from gst.analysis.results import (
    REMOVAL_PROBE,
    Accuracy,
    EventDrop,
    RunResult,
    event_drops,
    last_drops,
    parameter_counts,
    probe_results,
    run_results,
)
from gst.analysis.source import Source
from gst.compare.level_view import LevelView
from gst.config import RunConfig
from gst.grouping import grouped

if TYPE_CHECKING:
    from gst.store import Store


class MeasuredRun(NamedTuple):
    """A completed run in one arm; accuracies are fractions of 1, None is what this run does not have.

    `parameters` are those of its network before any pruning, as some run of the sweep shows them.
    `after_removal` is the accuracy of that probe. `unpruned` is the run of the sweep with the same seed,
    network, data and length that is not pruned. `loss_rises` has the mean rise in loss along each leading
    eigenvector, over all steps that were taken; `normality` the layers from input to
    output, normalised with the images' own statistics. `levels` rise from the dense network, and `losses`
    has those of the groups of images by level, from the lowest EL2N scores up. `view` is the level that is
    looked at, where it is one; `accuracy` is the definition of test accuracy that is meant.
    """

    run: RunResult
    config: RunConfig
    parameters: int | None
    parameters_left: int
    last_event: EventDrop | None
    after_removal: float | None
    unpruned: RunResult | None
    flatness: FlatnessResult | None
    loss_rises: tuple[float, ...]
    normality: tuple[NormalityResult, ...]
    levels: tuple[LevelResult, ...]
    losses: Mapping[int, tuple[float | None, ...]]
    view: LevelView | None = None
    accuracy: Accuracy = "final"

    @property
    def identity(self) -> tuple[object, ...]:
        """The run with its level and groups: equal for one run in two arms, different at another level."""
        return (self.run.key, self.view and (self.view.level.level, self.view.groups))

    def distances(self, *, trained: bool) -> tuple[float, ...]:
        """The distance of each layer's activations from the normal distribution, from input to output."""
        return tuple(it.ks for it in self.normality if it.trained == trained)

    def at(self, level: int, left_out: str = "") -> MeasuredRun:
        """The run as it was at the end of that level; `left_out` as in its view."""
        by_number = {it.level: it for it in self.levels}
        losses, dense = self.losses.get(level, ()), self.losses.get(0, ())
        view = LevelView(by_number[level], by_number[0], losses, dense, left_out=left_out)
        return self._replace(view=view)


def measured_runs(store: Store, source: Source, configs: Mapping[str, RunConfig]) -> tuple[MeasuredRun, ...]:
    """The completed runs of the source, in the order of the sweep file; one in two arms is there twice.

    `configs` has the configuration of each arm.
    """
    results = run_results(store, source)
    parameters = parameter_counts(store, source)
    whole = {
        _network(run, configs): count
        for run in results
        if (count := parameters[run.key].unpruned) is not None
    }
    events = last_drops(event_drops(store, source))
    removal = {it.key: it.accuracy for it in probe_results(store, source) if it.name == REMOVAL_PROBE}
    unpruned = {_experiment(run, configs): run for run in results if not run.pruned}
    flatness = {it.run.key: it for it in flatness_results(store, source)}
    rises = _loss_rises(store, source, flatness)
    normality: dict[str, dict[tuple[int, str], NormalityResult]] = {}
    for layer in normality_results(store, source):
        if layer.statistics == "batch":
            normality.setdefault(layer.key, {})[layer.epoch, layer.layer] = layer
    levels = grouped(((it.arm, it.key), it) for it in level_results(store, source))
    losses = _losses(store, source)
    return tuple(
        MeasuredRun(
            run=run,
            config=configs[run.arm],
            parameters=whole.get(_network(run, configs)),
            parameters_left=parameters[run.key].left,
            last_event=events.get(run.key),
            after_removal=removal.get(run.key),
            unpruned=unpruned.get(_experiment(run, configs)) if run.pruned else None,
            flatness=flatness.get(run.key),
            loss_rises=rises.get(run.key, ()),
            normality=tuple(normality.get(run.key, {}).values()),
            levels=tuple(levels.get((run.arm, run.key), ())),
            losses=losses.get(run.key, {}),
        )
        for run in results
    )


def _loss_rises(
    store: Store, source: Source, measured: Mapping[str, FlatnessResult]
) -> dict[str, tuple[float, ...]]:
    """The mean rise along each eigenvector, by run; a loss that is not finite has risen without bound."""
    if not measured:
        return {}
    first = next(iter(measured.values()))
    seen: dict[str, dict[int, dict[float, float]]] = {}
    for it in perturbation_results(store, source, first):
        rise = math.inf if it.increase is None else it.increase
        seen.setdefault(it.key, {}).setdefault(it.rank, {})[it.epsilon] = rise
    # All eigenvectors are walked on one grid, so their means are of the same steps.
    return {key: tuple(fmean(ranks[rank].values()) for rank in sorted(ranks)) for key, ranks in seen.items()}


def _losses(store: Store, source: Source) -> dict[str, dict[int, tuple[float | None, ...]]]:
    found: dict[str, dict[int, dict[int, float | None]]] = {}
    for it in group_loss_results(store, source):
        found.setdefault(it.key, {}).setdefault(it.level, {})[it.bin] = it.loss
    return {
        key: {level: tuple(groups.values()) for level, groups in levels.items()}
        for key, levels in found.items()
    }


def _network(run: RunResult, configs: Mapping[str, RunConfig]) -> tuple[object, ...]:
    return run.model, run.dataset, configs[run.arm].model.width


def _experiment(run: RunResult, configs: Mapping[str, RunConfig]) -> tuple[object, ...]:
    data = run.dataset, run.train_per_class, run.augment, configs[run.arm].data.label_noise
    return run.seed, _network(run, configs), data, run.epochs, run.scale
