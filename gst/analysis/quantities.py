"""Each quantity of a run, declared once: its names, its unit, and how it is computed.

Figures, pages and `gst compare` take labels, ticks and values from here, so that they agree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, Literal, NamedTuple, TypeVar

from gst.analysis.levels import LevelResult
from gst.analysis.measurements import FlatnessResult, flatness_results
from gst.analysis.results import Accuracy, RunResult
from gst.analysis.source import Source, find_source
from gst.errors import InputError, UnknownNameError

if TYPE_CHECKING:
    from gst.store import Store

Unit = Literal[
    "percent", "points", "correlation", "p", "count", "images", "batches", "epochs", "ratio", "loss",
    "fraction", "number",
]  # fmt: skip
"""What people read a quantity in. Values in `percent` or percentage `points` are kept as fractions of 1."""
_TEXT = {"percent": ".2%", "points": ".2%", "loss": ".4g", "number": ".5g", "ratio": ".4g", "fraction": ".2f"}
Of = TypeVar("Of")


class Quantity(NamedTuple, Generic[Of]):
    """A number that a run has: what it is called where, its unit, and how it is computed.

    `words` name it within a sentence, `title` on an axis with room, `short` on a narrow axis, in a chooser
    or in a note; in the last two, `{}` stands for the number of leading eigenvalues. `of` gives its value,
    or None where a run has none: a function of a result, or an SQL expression. `meaning` is a sentence on
    how it is measured, where the title does not say it.
    """

    name: str
    words: str
    title: str
    short: str
    unit: Unit
    of: Of
    text_format: str
    meaning: str = ""

    @property
    def is_share(self) -> bool:
        """Whether values are fractions of 1, which people read in percent."""
        return self.unit in ("percent", "points")

    @property
    def tick_format(self) -> str:
        """Plotly's format of the labels of an axis."""
        return ".2~%" if self.is_share else ""

    def text(self, value: float) -> str:
        """A single value for whoever hovers over it: `97.31%`."""
        return format(value, self.text_format)

    def in_unit(self, value: float) -> float:
        """The value as people read it: a share times 100."""
        return 100 * value if self.is_share else value


RunQuantity = Quantity[Callable[[RunResult], float | None]]
FlatnessQuantity = Quantity[Callable[[FlatnessResult], float | None]]
LevelQuantity = Quantity[Callable[[LevelResult], float | None]]
EpochQuantity = Quantity[str]
"""A quantity of an epoch; `of` is an SQL expression over the columns of `epochs`."""


def stability(run: RunResult, *, pruned_before_training: bool = False) -> float | None:
    """The run's stability, a fraction of 1, or None where it has none.

    A run with pruning events has their mean (GST 2020, Figure 1). Without an event while it trained,

    - an unpruned run has a stability of 1 by convention (GST 2020, Figure 6 and Table F.1);
    - a run pruned before training has none, since nothing was measured, and GST 2020 leaves it out of
      Figure 2; with `pruned_before_training` it has 1 by the same convention, as in Figures 6, E.3, E.5
      and E.6 and Table F.1, and in `gst compare`;
    - a run that was to be pruned while it trained, and from which nothing was removed, has none.

    An event from a test accuracy of 0 has no stability either, and is left out of the mean; a run with such
    events alone has none.
    """
    return of_events(run, run.stability, pruned_before_training=pruned_before_training)


OF_EVENTS = ("stability", "mean_drop", "last_drop")
"""Quantities that runs without events have by convention alone."""


def measured(quantity: RunQuantity, run: RunResult) -> float | None:
    """The quantity of the run, or None where it has none but by convention."""
    return quantity.of(run) if run.events or quantity.name not in OF_EVENTS else None


def or_from_nothing(runs: Iterable[RunResult]) -> str:
    """What to add of runs without a stability to "no pruning event", where some of them had events."""
    return ", or none from a test accuracy above 0" if any(run.events for run in runs) else ""


def mean_drop(run: RunResult, *, pruned_before_training: bool = False) -> float | None:
    """The run's mean drop in test accuracy, a fraction of 1; None and 0 where `stability` is None and 1."""
    return of_events(run, run.mean_drop, pruned_before_training=pruned_before_training)


def of_events(run: RunResult, value: float | None, *, pruned_before_training: bool = False) -> float | None:
    """A value over the pruning events of the run, or None where it has no `stability`."""
    return value if run.measured or (pruned_before_training and run.scratch) else None


def _quantity(
    name: str,
    words: str,
    unit: Unit,
    of: Of,
    *,
    title: str = "",
    short: str = "",
    text: str = "",
    **more: Any,
) -> Quantity[Of]:
    title = title or f"{words[0].upper()}{words[1:]}"
    return Quantity(name, words, title, short or title, unit, of, text or _TEXT.get(unit, "g"), **more)


def _field(name: str, words: str, unit: Unit, **more: Any) -> Quantity[Callable[[Any], float | None]]:
    return _quantity(name, words, unit, attrgetter(name), **more)


def _named(*quantities: Quantity[Of]) -> Mapping[str, Quantity[Of]]:
    return MappingProxyType({it.name: it for it in quantities})


RUN_QUANTITIES: Mapping[str, RunQuantity] = _named(
    _quantity("stability", "stability", "percent", stability, text=".3%",
        title="Stability: mean over a run's pruning events", short="Mean stability"),
    _quantity("mean_drop", "mean drop", "points", mean_drop, text=".3%",
        title="Drop in test accuracy: mean over a run's pruning events", short="Mean drop in accuracy"),
    _quantity("last_drop", "last drop", "points", lambda run: of_events(run, run.last_drop), text=".3%",
        title="Drop in test accuracy at a run's last pruning event", short="Last drop in accuracy"),
    _quantity("churn", "churn", "percent", lambda run: of_events(run, run.churn), short="Mean churn",
        title="Churn: test images that change their class, mean over a run's pruning events"),
    _quantity("ece_rise", "rise of the calibration error", "points",
        lambda run: of_events(run, run.ece_rise), short="Mean rise of calibration error",
        title="Rise of the calibration error: mean over a run's pruning events"),
    _field("final_ece", "final calibration error on test images", "percent"),
    _field("final_distance", "final distance of weights from their initial values, L2", "number"),
    _field("final_accuracy", "final test accuracy", "percent"),
    _field("best_accuracy", "best test accuracy since the last pruning event", "percent",
        short="Best test accuracy after pruning"),
    _field("final_gap", "generalization gap after the last epoch", "points",
        short="Final generalization gap"),
    _field("best_gap", "generalization gap at the best test accuracy", "points"),
    _field("iterative_rate", "iterative rate", "percent", title="Iterative pruning rate"),
    _field("retrain_period", "retrain period", "epochs", title="Retrain period, epochs"),
    _field("total_fraction", "fraction pruned in all", "percent"),
    _field("train_per_class", "training images of a class", "images"),
    _field("events", "pruning events", "count"),
)  # fmt: skip
"""Quantities of a run as a whole, by the field of RunResult."""


def run_quantity(name: str) -> RunQuantity:
    """The quantity of a run of that name; UnknownNameError where there is none."""
    if name not in RUN_QUANTITIES:
        raise UnknownNameError("quantity", name, RUN_QUANTITIES)
    return RUN_QUANTITIES[name]


def accuracy_quantity(accuracy: Accuracy) -> RunQuantity:
    """The test accuracy of a run by that definition."""
    return RUN_QUANTITIES[f"{accuracy}_accuracy"]


FLATNESS_QUANTITIES: Mapping[str, FlatnessQuantity] = _named(
    _field("hessian_trace", "trace of the Hessian", "number",
        title="Tr(H): sum of {} leading eigenvalues", short="Tr(H)",
        meaning="Tr(H): the signed sum of the {} leading eigenvalues of the mean loss's Hessian."),
    _field("gradient_trace", "trace of the gradients' covariance", "number",
        title="Tr(C): noise of the gradients", short="Tr(C)",
        meaning="Tr(C): the mean over images of the squared norm of one image's gradient."),
    _field("epsilon", "step that raises the loss by 0.1", "fraction",
        title="ε: step that raises the loss by 0.1", short="epsilon",
        meaning="ε: the smallest step, on a grid of 0.01, along any of the leading eigenvectors that raises "
        "the loss on the test set by 0.1."),
    _field("tic", "information criterion", "ratio",
        title="Tr(C) / Tr(H), {} leading eigenvalues", short="criterion",
        meaning="Tr(C) / Tr(H): stands for Takeuchi's information criterion, which has H⁻¹ in it."),
)  # fmt: skip
"""Quantities of the flatness of a run's loss, by the field of FlatnessResult (GST 2020, sec. 3.4, app. E)."""

LEVEL_QUANTITIES: Mapping[str, LevelQuantity] = _named(
    _field("test_error", "test error", "percent"),
    _field("weights_left", "weights left", "percent", title="Weights left, %", text=".3g"),
    _field("train_loss", "training loss", "loss"),
    _field("original_loss", "loss of images with their own label", "loss"),
    _field("noisy_loss", "loss of mislabelled images", "loss"),
)
"""Quantities of a run at the end of a level, by the field of LevelResult (Jin et al. 2022)."""

EPOCH_QUANTITIES: Mapping[str, EpochQuantity] = _named(
    _quantity("test_accuracy", "test accuracy", "percent", "test_accuracy"),
    _quantity("train_accuracy", "training accuracy", "percent", "train_accuracy"),
    _quantity("gap", "generalization gap", "points", "train_accuracy - test_accuracy"),
    _quantity("test_loss", "test loss", "loss", "test_loss"),
    _quantity("train_loss", "training loss", "loss", "train_loss"),
    _quantity("lr", "learning rate", "number", "lr"),
    _quantity("test_ece", "expected calibration error on test images", "percent", "test_ece"),
    _quantity("distance", "distance of weights from their initial values, L2", "number", "distance"),
)
"""Quantities of an epoch of training."""


def quantity_names(store: Store, sweep: str) -> list[str]:
    """The quantities that `sweep_quantity` knows for the runs of that sweep. Raises UnknownNameError."""
    measured = flatness_results(store, find_source(store, sweep))
    return [*RUN_QUANTITIES, *(FLATNESS_QUANTITIES if measured else ())]


def sweep_quantity(store: Store, source: Source, name: str) -> RunQuantity:
    """The quantity of that name for runs of this sweep: of a run, or of its flatness (hessian_trace).

    Raises UnknownNameError for a name that is neither, and InputError where no flatness was measured.
    """
    if name in RUN_QUANTITIES:
        return RUN_QUANTITIES[name]
    if name not in FLATNESS_QUANTITIES:
        raise UnknownNameError("quantity", name, {**RUN_QUANTITIES, **FLATNESS_QUANTITIES})
    quantity, results = FLATNESS_QUANTITIES[name], flatness_results(store, source)
    if not results:
        raise InputError(
            f"sweep {source.label!r}: the flatness of none of its runs was measured, and {name} is of it; "
            "`measure: {flatness: {epoch: ...}}` in a sweep file asks for it"
        )
    values = {it.run.key: quantity.of(it) for it in results}
    pairs = sorted({it.eigenpairs for it in results})
    leading = f"{pairs[0]}" if len(pairs) == 1 else f"{pairs[0]} to {pairs[-1]}"
    fields = quantity._asdict() | {"of": lambda run: values.get(run.key)}
    return RunQuantity(**fields | {"title": quantity.title.format(leading)})
