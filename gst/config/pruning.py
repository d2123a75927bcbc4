"""Configurations of pruning and noise, and their schedules. Defaults never change; see gst.config.run."""

from __future__ import annotations

import re
from typing import Annotated, Literal, NamedTuple, Self, TypeAlias, TypeVar

from pydantic import Field, model_validator

from gst.config.base import MOST_EPOCHS, Config, Count, Epoch, Misfit, Share
from gst.config.regrowth import Regrowth, Target
from gst.config.schedule import PruningSchedule, Ramp, exact
from gst.words import counted

FilterScore = Literal[
    "l1", "l2", "activation", "ebn", "ebn_alt", "snip", "taylor", "grasp", "synflow", "movement"
]
WeightScore = Literal["magnitude", "snip", "grasp", "synflow", "movement"]
LOSS_SCORES = ("snip", "taylor", "grasp")
"""The scores that rest on the loss of some training images."""
RESCORED = (*LOSS_SCORES, "synflow")
"""The scores that change with what else is pruned."""

Period = Annotated[int, Field(ge=1, le=MOST_EPOCHS)]
T = TypeVar("T")
Each: TypeAlias = T | tuple[T, ...]
"""One value for every layer, or one for each."""

LAST = re.compile(r"last-([1-9][0-9]{0,2})")
MOST_LEVELS = MOST_ROUNDS = 1000
"""Number of levels that a run may have after its first, and of rounds that an event may have."""
Distribution = Literal["layerwise", "global", "erk"]


class LayerSchedule(NamedTuple):
    """The schedule of the layer of that name."""

    layer: str
    schedule: PruningSchedule


class NoPruning(Config):
    """The unpruned baseline."""

    kind: Literal["none"]


class Schedules(Config):
    """Which layers are acted upon, and when: one value for all layers, or a list with one for each."""

    layers: tuple[str, ...] | str
    """The layers that are pruned: a list of names, `last-N` (the last N prunable layers of the body) or
    `blocks` (all of them)."""
    start: Each[Epoch]
    """The epoch, from 0, after whose training the first event comes; one value, or one for each layer."""
    end: Each[Epoch]
    """The epoch after which no event comes any more; one value, or one for each layer."""
    every: Each[Period]
    """Epochs from one event to the next, the retrain period of GST 2020; one value, or one for each layer."""
    fraction: Each[Share]
    """The share of a layer's units before any pruning that all events together remove; one value, or one for
    each layer. An event removes fraction / events, the iterative rate (GST 2020, section 3.2)."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        self._known_layers()
        count = self.layer_count
        for field in ("start", "end", "every", "fraction"):
            value = getattr(self, field)
            if not isinstance(value, tuple):
                continue
            if count is None:
                raise Misfit(
                    field, f"layers: {self.layers} takes one value of {field} for all layers, not a list"
                )
            if len(value) != count:
                raise Misfit(field, f"{counted(count, 'layer')} but {len(value)} values of {field}")
            if len(set(value)) == 1:  # one spelling, so that one experiment has one key
                object.__setattr__(self, field, value[0])
        for start, end in zip(self.each(self.start), self.each(self.end), strict=True):
            if end < start:
                raise Misfit("end", f"pruning ends (epoch {end}) before it starts (epoch {start})")
        return self

    def _known_layers(self) -> None:
        if isinstance(self.layers, tuple):
            if not self.layers:
                raise Misfit("layers", "layers is an empty list")
            if len(set(self.layers)) != len(self.layers):
                raise Misfit("layers", "layers names a layer twice")
        elif self.layers != "blocks" and not LAST.fullmatch(self.layers):
            wanted = "expected a list of names, 'blocks' or 'last-N'"
            number = self.layers.removeprefix("last").strip(" -_")
            meant = f"last-{number}" if LAST.fullmatch(f"last-{number}") else f"[{self.layers}]"
            raise Misfit("layers", f"{wanted}, found {self.layers!r}; {meant}?")

    @property
    def layer_count(self) -> int | None:
        """Number of layers, or None for `blocks`, which only the model knows."""
        if isinstance(self.layers, tuple):
            return len(self.layers)
        match = LAST.fullmatch(self.layers)
        return int(match[1]) if match else None

    def each(self, value: Each[T]) -> tuple[T, ...]:
        """The value for each layer; for `blocks`, for all of them as one."""
        return value if isinstance(value, tuple) else (value,) * (self.layer_count or 1)

    def schedules(self, layers: tuple[str, ...]) -> tuple[LayerSchedule, ...]:
        """The schedule of each layer, once the model has said which layers those are."""
        count, ramp = len(layers), self.ramp if isinstance(self, Removal) else "linear"
        columns = (
            value if isinstance(value, tuple) else (value,) * count
            for value in (self.start, self.end, self.every, self.fraction)
        )
        return tuple(
            LayerSchedule(layer, PruningSchedule(start, end, every, exact(fraction), ramp))
            for layer, start, end, every, fraction in zip(layers, *columns, strict=True)
        )

    @property
    def last_end(self) -> int:
        """The last epoch at which any layer may still be pruned."""
        return max(self.each(self.end))


class Scored(Config):
    """Units are ranked by a score, which may be one of the loss of some images."""

    score_images: Count | None = None
    """Number of training images whose mean loss ranks, drawn anew each time; `snip`, `taylor` and `grasp`
    need it, other scores have none."""

    @model_validator(mode="after")
    def _images_for_a_loss(self) -> Self:
        score = getattr(self, "score", None)
        if (score in LOSS_SCORES) != (self.score_images is not None):
            needs = "ranks by the loss of training images: how many?"
            raise Misfit(
                "score_images", f"score: {score} {needs if score in LOSS_SCORES else 'looks at no images'}"
            )
        return self


class Removal(Scored, Schedules):
    """Units are removed for good."""

    scratch: bool = False
    """Whether all is pruned at once before any training; `start` and `end` are 0 then (GST 2020), unless
    weights are to come back: then they are those of the exchanges."""
    ramp: Ramp = "linear"
    """How the share that is gone grows from event to event: by the same number of units each time, or as
    1 - (1 - k / events)^3 after event k (`cubic`; Zhu and Gupta 2017)."""
    rounds: Annotated[int, Field(ge=1, le=MOST_ROUNDS)] = 1
    """Number of rounds in which an event removes its units, scored anew before each; each leaves the same
    share of what the round before has left. SynFlow has 100 (Tanaka et al. 2020)."""

    @model_validator(mode="after")
    def _scratch_has_no_schedule(self) -> Self:
        grows = getattr(self, "regrow", None) is not None
        if self.scratch and not grows and (self.last_end, max(self.each(self.start))) != (0, 0):
            raise Misfit("start", "scratch prunes once, before training: start and end must be 0")
        if self.scratch and getattr(self, "score", None) == "movement":
            raise Misfit("scratch", "score: movement is that of training, before which nothing has moved")
        return self

    @model_validator(mode="after")
    def _rounds_are_scored_anew(self) -> Self:
        score = getattr(self, "score", None)
        if self.rounds > 1 and score not in RESCORED:
            raise Misfit(
                "rounds", f"score: {score} is the same in every round; of {', '.join(RESCORED)} only"
            )
        return self


class FilterPruning(Removal):
    """Whole filters are removed for good (GST 2020)."""

    kind: Literal["filters"]
    score: FilterScore
    """What ranks filters: the norm of their weights, their mean activation, the one that the batch norm
    implies (GST 2020, appendix B.2; ebn_alt by its signed scale), or what ranks weights, summed over theirs;
    `taylor` is the squared sum of g w (Molchanov 2019)."""
    target: Target
    """Which of the scores go first; `random` draws them."""
    mask_bn: bool = True
    """Whether the batch norm's scale and shift go with a filter, so that its output is 0, not a constant."""


class WeightPruning(Removal):
    """Single weights are removed for good (GST 2019, Conv4)."""

    kind: Literal["weights"]
    score: WeightScore
    """What ranks weights w, g being the loss's gradient: |w|; |g w|, also called gradient magnitude (`snip`);
    w H g (`grasp`); the share of w in the flow through absolute weights (`synflow`); or -g w, summed over all
    steps (`movement`)."""
    target: Target
    """Which of the scores go first; `random` draws them."""
    distribution: Distribution = "layerwise"
    """What `fraction` is a share of: of each layer's weights, of all layers' together, whose scores compete
    (`global`), or of all with the densities of Erdos-Renyi-Kernel (`erk`, Evci et al. 2020)."""
    regrow: Regrowth | None = None
    """Weights that come back at each event, in exchange for others of their layer; none without."""

    @model_validator(mode="after")
    def _regrows_within_layers(self) -> Self:
        if self.regrow is not None and self.distribution == "global":
            raise Misfit("regrow", "weights come back to the layer that lost as many: not with `global`")
        return self

    @model_validator(mode="after")
    def _one_schedule_for_all(self) -> Self:
        if self.distribution != "layerwise":
            for field in ("start", "end", "every", "fraction"):
                if isinstance(getattr(self, field), tuple):
                    raise Misfit(field, f"distribution: {self.distribution} takes one value for all layers")
        return self


class Noise(Scored, Schedules):
    """Filters are targeted as pruning would, but set to 0 or moved for a while (GST 2020, section 3.3)."""

    kind: Literal["zeroing", "gaussian"]
    score: FilterScore
    """What ranks filters, as for `kind: filters`."""
    target: Target
    """Which of the scores go first; `random` draws them."""
    train_batches: Count
    """Number of training batches that are disturbed after an event, and the test batches among them; 1 is a
    single disturbance before the test that follows the event."""
    which: Literal["latest", "cumulative"] = "latest"
    """The filters that are disturbed: those of the latest event, or of all so far."""
    restore: bool = False
    """Whether filters get back afterwards what they were when the event came; of zeroing alone."""

    @model_validator(mode="after")
    def _restore_is_of_zeroing(self) -> Self:
        if self.restore and self.kind != "zeroing":
            raise Misfit("restore", "restore belongs to kind zeroing")
        return self


class Levels(Config):
    """Training in many levels: after the first, each goes back to `rewind_epoch` of the schedule."""

    levels: Annotated[int, Field(ge=1, le=MOST_LEVELS)]
    """Number of levels after the first; one that removes much is one-shot pruning (Jin 2022, section 2)."""
    rewind_epoch: Epoch
    """The epoch to which the schedule of each level goes back; the optimizer begins anew there (Jin 2022)."""


class IterativePruning(Scored, Levels):
    """Iterative magnitude pruning of single weights (Jin et al. 2022; Frankle and Carbin 2019)."""

    kind: Literal["imp"]
    score: WeightScore
    """What ranks weights, as for `kind: weights`; of the papers it is their absolute value."""
    target: Target
    """Which of the scores go first; `random` draws them."""
    fraction: Annotated[float, Field(gt=0, lt=1)]
    """The share of the weights that are left, of all convolutions and linear layers together, that each level
    after the first begins by removing; 0.2 in Jin 2022."""
    exclude: tuple[str, ...] = ()
    """Layers whose weights count, and stay."""
    rewind: Literal["learning_rate", "weights"] = "learning_rate"
    """What goes back to `rewind_epoch`: the learning rate alone, or the weights with it (lottery tickets)."""

    @model_validator(mode="after")
    def _excludes_once(self) -> Self:
        if len(set(self.exclude)) != len(self.exclude):
            raise Misfit("exclude", "exclude names a layer twice")
        object.__setattr__(self, "exclude", tuple(sorted(self.exclude)))  # one spelling, one key
        return self


class ExtendedTraining(Levels):
    """Training for the epochs of iterative pruning without a removal (Jin et al. 2022, section 5.1)."""

    kind: Literal["extended"]


ScheduledConfig: TypeAlias = FilterPruning | WeightPruning | Noise
"""The configurations with a schedule for each layer."""
PruningConfig = Annotated[
    NoPruning | FilterPruning | WeightPruning | Noise | IterativePruning | ExtendedTraining,
    Field(discriminator="kind"),
]
