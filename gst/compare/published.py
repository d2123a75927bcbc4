"""The form of a file of published numbers, and of claims as relations that runs can hold or contradict."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gst.analysis.quantities import Unit
from gst.analysis.results import Accuracy
from gst.compare.quantities import QUANTITIES, difference_unit
from gst.compare.relations import (
    AnyRelation,
    Images,
    LevelAt,
    Match,
    Names,
    NotNegative,
    Only,
    Order,
    Positive,
    Sign,
    Split,
)
from gst.config.base import Config

ValueStatistic = Literal[
    "mean", "difference", "t_test_p", "runs", "pearson", "pearson_p", "kendall", "kendall_p",
    "count", "settings", "last_match", "first_above",
]  # fmt: skip
OF_PAIRS = ("pearson", "pearson_p", "kendall", "kendall_p")
"""Statistics of two quantities over runs."""
OF_TWO_ARMS = ("difference", "t_test_p", "count")
"""Statistics of two sets of runs."""
OF_NO_QUANTITY = (*OF_PAIRS, "runs", "settings")
OF_LEVELS = ("last_match", "first_above")
"""The percentage of weights at a level: the last up to which two match, the first from which one is above."""
OF_RULE = ("count", *OF_LEVELS)
"""Statistics that need the paper's own rule of what differs."""
UNITS: Mapping[ValueStatistic, Unit] = {
    "runs": "count", "count": "count", "settings": "count", "pearson": "correlation", "pearson_p": "p",
    "kendall": "correlation", "kendall_p": "p", "t_test_p": "p", "last_match": "percent",
    "first_above": "percent",
}  # fmt: skip
"""Units of the statistics that are not in the unit of their quantity."""

Rule = Literal["one_std"]
"""A paper's own test of what differs, by which its claims are judged."""
Kind = Literal["none", "imp", "extended"]
Outcome = Literal["above", "match", "below"]
"""How the first of two results compares with the second, by the paper's rule."""


class Paper(Config):
    """A paper, by the name that people call it, and in full; with its own test, over `replicates` seeds."""

    name: str
    citation: str
    rule: Rule | None = None
    replicates: Annotated[int, Field(ge=2)] | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.rule is None) != (self.replicates is None):
            raise ValueError("`rule` and `replicates`, the seeds that the paper has, belong together")
        return self


class Group(Config):
    """Several arms under one name, by their labels or by what their configurations are; or of another sweep.

    `at` chooses a level of each run, `images` which training images losses are of.
    """

    arms: Names = ("*",)
    sweep: str | None = None
    kind: Kind | None = None
    width: Positive | None = None
    at: LevelAt | None = None
    images: Images | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("a group needs `arms`, or `kind`, `width` or `at`")
        if self.images and self.at is None:
            raise ValueError("`images` are those of a level: say which, `at`")
        return self


class Value(Config):
    """A published number, as printed, and the runs that it is about."""

    value: int | float
    unit: Unit
    place: str
    statistic: ValueStatistic = "mean"
    quantity: str | None = None
    x: str | None = None
    y: str | None = None
    arms: Names
    only: Only = Only()
    per: tuple[Split, ...] = ()
    benchmarks: tuple[str, ...] = ()
    settings: Annotated[int, Field(ge=1)] | None = None
    pick: Literal["smallest", "largest"] | None = None
    outcome: Outcome | None = None
    deviation: Positive | None = None
    range: Annotated[tuple[float, ...], Field(min_length=2, max_length=2)] | None = None
    runs: Annotated[int, Field(ge=1)] | None = None
    rounding: NotNegative | None = None
    origin: Literal["paper", "code", "derived"] = "paper"
    note: str = ""
    unavailable: str = ""

    @property
    def resolution(self) -> float:
        """Half a unit of the last digit that was written, unless the file says otherwise.

        Zeros at the end of a fraction do not survive the reading: 99.470 counts as 99.47.
        """
        if self.rounding is not None:
            return self.rounding
        exponent = Decimal(repr(self.value)).as_tuple().exponent
        assert isinstance(exponent, int)
        return 0.5 * 10.0**exponent

    @property
    def together(self) -> bool:
        """Whether it is one number for all its benchmarks rather than one for each."""
        return self.settings is not None or self.statistic == "settings"

    @property
    def quantities(self) -> tuple[str, ...]:
        """The quantities that its runs must have."""
        return tuple(name for name in (self.quantity, self.x, self.y) if name is not None)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        of_pairs = self.statistic in OF_PAIRS
        if of_pairs != (self.x is not None and self.y is not None) or (self.x is None) != (self.y is None):
            raise ValueError(f"`x` and `y` belong to correlations ({', '.join(OF_PAIRS)}), which need both")
        if (self.statistic in OF_NO_QUANTITY) == (self.quantity is not None):
            raise ValueError(
                f"the statistic {self.statistic} "
                + ("has no `quantity` of its own" if self.quantity else "needs a `quantity`")
            )
        if (self.statistic == "count") != (self.outcome is not None):
            raise ValueError("`outcome` says what the statistic count counts: give both or neither")
        counted = self.statistic in ("count", "settings")
        if (self.statistic == "count" or self.pick is not None) != (self.settings is not None):
            raise ValueError("`settings` says over how many settings there is a count or a `pick`")
        if counted and self.pick:
            raise ValueError(f"`pick` is of one number a setting, and {self.statistic} has one of all")
        if self.statistic in OF_TWO_ARMS and len(self.arms) != 2:
            raise ValueError(
                f"the statistic {self.statistic} is of two arms or groups, found {len(self.arms)}"
            )
        return self


def measured_unit(value: Value) -> Unit | None:
    """The unit in which gst measures what the value is of; None where it does not measure it."""
    if value.statistic in UNITS:
        return UNITS[value.statistic]
    quantity = value.quantity or ""
    if quantity not in QUANTITIES:
        return None
    return difference_unit(quantity) if value.statistic == "difference" else QUANTITIES[quantity].unit


class Claim(Config):
    """A sentence, its place in the paper, and the one relation that says it.

    It is judged on each of the `benchmarks`, or once over all of them where `settings` has their number.
    """

    claim: str
    place: str
    benchmarks: tuple[str, ...] = ()
    settings: Annotated[int, Field(ge=1)] | None = None
    sign: Sign | None = None
    order: Order | None = None
    match: Match | None = None
    note: str = ""
    unavailable: str = ""

    @property
    def relation(self) -> AnyRelation:
        """The relation."""
        relation = self.sign or self.order or self.match
        assert relation is not None
        return relation

    @property
    def kind(self) -> Literal["sign", "order", "match"]:
        """The name of the relation."""
        return "sign" if self.sign else "order" if self.order else "match"

    @model_validator(mode="after")
    def _one_relation(self) -> Self:
        if sum(relation is not None for relation in (self.sign, self.order, self.match)) != 1:
            raise ValueError("a claim is exactly one of `sign`, `order` and `match`")
        return self


class Assumed(Config):
    """The reason why a key's value in a sweep file is ours: the paper leaves it open.

    Where `values` are given, only these are; the paper has the others. Runs may have another value from
    `least` to `most`: one beyond them is a deviation.
    """

    reason: str
    values: tuple[float, ...] = ()
    least: float = -math.inf
    most: float = math.inf

    def applies(self, value: object) -> bool:
        """Whether a configuration with that value of the key has ours."""
        return not self.values or value in self.values

    def allows(self, value: float) -> bool:
        """Whether runs with that value of the key may stand for the paper's."""
        return self.least <= value <= self.most


class PublishedSweep(Config):
    """How a sweep file departs from its paper by design, and the keys that the paper leaves open."""

    differs: str = ""
    assumed: dict[str, Assumed] = Field(default_factory=dict)


class PublishedFigure(Config):
    """A figure or table of a paper: the sweep that repeats it, its numbers and its claims.

    Of a figure with several `benchmarks`, networks and data under the paper's names, each has a sweep.
    """

    paper: str
    title: str
    sweep: str | None = None
    benchmarks: dict[str, str] = Field(default_factory=dict)
    accuracy: Accuracy = "best"
    groups: dict[str, Group] = Field(default_factory=dict)
    unavailable: str = ""
    values: tuple[Value, ...] = ()
    claims: tuple[Claim, ...] = ()

    @property
    def sweeps(self) -> tuple[str, ...]:
        """Every sweep that its values and claims are measured on."""
        named = [self.sweep, *self.benchmarks.values(), *(group.sweep for group in self.groups.values())]
        return tuple(dict.fromkeys(name for name in named if name is not None))

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.sweep and self.benchmarks:
            raise ValueError("a figure has a `sweep`, or `benchmarks` with a sweep each")
        return self


class Published(Config):
    """A file of published numbers and claims."""

    papers: dict[str, Paper]
    tolerance: Positive
    unmeasured: dict[str, str] = Field(default_factory=dict)
    sweeps: dict[str, PublishedSweep] = Field(default_factory=dict)
    figures: Annotated[dict[str, PublishedFigure], Field(min_length=1)]

    @property
    def measured_sweeps(self) -> set[str]:
        """The sweeps that some figure is measured on."""
        return {sweep for figure in self.figures.values() for sweep in figure.sweeps}
