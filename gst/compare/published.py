"""The form of a file of published numbers, and of claims as relations that runs can hold or contradict."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from gst.analysis import Accuracy
from gst.compare.quantities import QUANTITIES, Unit, difference_unit
from gst.config.run import Config

ValueStatistic = Literal[
    "mean", "difference", "t_test_p", "runs", "pearson", "pearson_p", "kendall", "kendall_p"
]
OF_PAIRS = ("pearson", "pearson_p", "kendall", "kendall_p")
"""Statistics of two quantities over runs."""
OF_TWO_ARMS = ("difference", "t_test_p")
"""Statistics of two sets of runs."""

Split = Literal["iterative_rate", "data_size", "augment", "arm"]
"""What runs can be told apart by, for a part of its own each."""

Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Names = Annotated[tuple[str, ...], Field(min_length=1)]


class Paper(Config):
    """A paper, by the name that people call it, and in full."""

    name: str
    citation: str


class Group(Config):
    """Several arms under one name, or arms of another sweep than the figure's."""

    arms: Names
    sweep: str | None = None


class Only(Config):
    """Which of the runs: with or without augmentation, and of which number of training images of a class."""

    augment: bool | None = None
    data_size: Literal["smallest", "largest"] | int | None = None


class Value(Config):
    """A published number, as printed, and of which runs it is."""

    value: int | float
    unit: Unit
    place: str
    statistic: ValueStatistic = "mean"
    quantity: str | None = None
    x: str | None = None
    y: str | None = None
    arms: Names
    only: Only = Only()
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
    def quantities(self) -> tuple[str, ...]:
        """The quantities that its runs must have."""
        return tuple(name for name in (self.quantity, self.x, self.y) if name is not None)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        of_pairs, of_runs = self.statistic in OF_PAIRS, self.statistic == "runs"
        if of_pairs != (self.x is not None and self.y is not None) or (self.x is None) != (self.y is None):
            raise ValueError(f"`x` and `y` belong to correlations ({', '.join(OF_PAIRS)}), which need both")
        if (of_pairs or of_runs) == (self.quantity is not None):
            raise ValueError(
                f"the statistic {self.statistic} "
                + ("has no `quantity` of its own" if self.quantity else "needs a `quantity`")
            )
        if self.statistic in OF_TWO_ARMS and len(self.arms) != 2:
            raise ValueError(
                f"the statistic {self.statistic} is of two arms or groups, found {len(self.arms)}"
            )
        return self


def measured_unit(value: Value) -> Unit | None:
    """The unit in which gst measures what the value is of; None where it does not measure it."""
    if value.statistic == "runs":
        return "count"
    if value.statistic == "t_test_p":
        return "p"
    if value.statistic in OF_PAIRS:
        return "p" if value.statistic.endswith("_p") else "correlation"
    quantity = value.quantity or ""
    if quantity not in QUANTITIES:
        return None
    return difference_unit(quantity) if value.statistic == "difference" else QUANTITIES[quantity].unit


class Relation(Config):
    """What relations have in common: which runs, and in how many parts they are judged."""

    exclude: tuple[str, ...] = ()
    only: Only = Only()
    per: tuple[Split, ...] = ()
    each: tuple[str, ...] = ()


class Correlated(Config):
    """A correlation over runs."""

    x: str
    y: str


class Sign(Relation):
    """x and y correlate so, over the runs of the arms."""

    x: str
    y: str | None = None
    correlation: Correlated | None = None
    expect: Literal["positive", "negative", "none"]
    arms: Names
    statistic: Literal["pearson", "kendall"] = "pearson"
    monotone: bool = False
    significant: bool = False
    mostly: bool = False
    runs: Annotated[int, Field(ge=3)] | None = None

    @property
    def quantities(self) -> tuple[str, ...]:
        """The quantities that its runs must have."""
        inner = (self.correlation.x, self.correlation.y) if self.correlation else ()
        return tuple(name for name in (self.x, self.y, *inner) if name is not None)

    @property
    def names(self) -> tuple[str, ...]:
        """The arms and groups that it is about, with what stands in the place of {}."""
        return filled(self.arms, self.each)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.y is None) == (self.correlation is None):
            raise ValueError("a sign needs either `y` or `correlation`")
        if (self.expect == "none") != (self.runs is not None):
            raise ValueError("`expect: none` and `runs`, the published number of them, belong together")
        if self.monotone and (self.correlation or self.expect == "none"):
            raise ValueError("`monotone` needs `y`, and expects positive or negative")
        _refuse_each_without_place(self.each, self.arms)
        return self


class Order(Relation):
    """The groups have that quantity in that order, the highest first."""

    quantity: str | None = None
    correlation: Correlated | None = None
    of: Annotated[tuple[str | float, ...], Field(min_length=2)]
    strict: bool
    within: NotNegative = 0.0
    alpha: Annotated[float, Field(gt=0, lt=1)] = 0.05

    @property
    def quantities(self) -> tuple[str, ...]:
        """The quantities that its runs must have."""
        if self.correlation:
            return (self.correlation.x, self.correlation.y)
        return (self.quantity or "",)

    @property
    def names(self) -> tuple[str, ...]:
        """The arms and groups that it is about, with what stands in the place of {}."""
        return filled((it for it in self.of if isinstance(it, str)), self.each)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.quantity is None) == (self.correlation is None):
            raise ValueError("an order needs either `quantity` or `correlation`")
        if self.strict and self.within:
            raise ValueError("`within` makes a tie of a small difference, and `strict` refuses ties")
        _refuse_numbers_alone(self.of, correlation=self.correlation is not None)
        _refuse_each_without_place(self.each, self.of)
        return self


class Match(Relation):
    """The two groups have that quantity alike."""

    quantity: str
    of: Annotated[tuple[str | float, ...], Field(min_length=2, max_length=2)]
    within: Positive | None = None

    @property
    def quantities(self) -> tuple[str, ...]:
        """The quantities that its runs must have."""
        return (self.quantity,)

    @property
    def names(self) -> tuple[str, ...]:
        """The arms and groups that it is about, with what stands in the place of {}."""
        return filled((it for it in self.of if isinstance(it, str)), self.each)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        _refuse_numbers_alone(self.of, correlation=False)
        _refuse_each_without_place(self.each, self.of)
        return self


AnyRelation: TypeAlias = Sign | Order | Match


class Claim(Config):
    """A sentence, its place in the paper, and the one relation that says it."""

    claim: str
    place: str
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
        """Which relation it is."""
        return "sign" if self.sign else "order" if self.order else "match"

    @model_validator(mode="after")
    def _one_relation(self) -> Self:
        if sum(relation is not None for relation in (self.sign, self.order, self.match)) != 1:
            raise ValueError("a claim is exactly one of `sign`, `order` and `match`")
        return self


class PublishedFigure(Config):
    """A figure or table of a paper: the sweep that repeats it, its numbers and its claims."""

    paper: str
    title: str
    sweep: str | None = None
    accuracy: Accuracy = "best"
    groups: dict[str, Group] = Field(default_factory=dict)
    unavailable: str = ""
    differs: str = ""
    values: tuple[Value, ...] = ()
    claims: tuple[Claim, ...] = ()


class Published(Config):
    """A file of published numbers and claims."""

    papers: dict[str, Paper]
    tolerance: Positive
    unmeasured: dict[str, str] = Field(default_factory=dict)
    figures: Annotated[dict[str, PublishedFigure], Field(min_length=1)]


def filled(names: Iterable[str], each: Iterable[str]) -> tuple[str, ...]:
    """The names with each of these in the place of {}."""
    return tuple(name.replace("{}", it) for it in (*each,) or ("",) for name in names)


def _refuse_numbers_alone(of: tuple[str | float, ...], *, correlation: bool) -> None:
    numbers = [it for it in of if not isinstance(it, str)]
    if len(numbers) == len(of) or (correlation and numbers):
        raise ValueError("`of` compares arms or groups, with a number at most for one of them")


def _refuse_each_without_place(each: tuple[str, ...], names: tuple[str | float, ...]) -> None:
    if bool(each) != any(isinstance(it, str) and "{}" in it for it in names):
        raise ValueError("`each` fills the place of {} in the names of arms: give both or neither")
