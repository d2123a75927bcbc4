"""The relations that claims state: a sign, an order or a match; and the runs that they are about."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from gst.config.base import Config

Split = Literal["iterative_rate", "data_size", "augment", "arm", "label_noise", "level", "el2n_group"]
"""The properties by which runs are split into parts."""

LevelAt = Literal[
    "dense", "optimal", "optimal_sparse", "optimal_width", "sparsest_better", "widest_gap", "last", "each"
]
"""A level of runs: the first; that of lowest error, and the same where it is not the first; the first of the
network that has it lowest; the last that beats the first; that of the widest gap between the losses of
mislabelled images and the others; the last; every one after the first."""
Images = Literal["hardest_fifth", "the_rest"]
"""Training images by their EL2N scores."""

OwnTest = Literal["pooled_t"]
"""A test that a paper names for one comparison: Student's of two samples, with pooled variances."""

Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Names = Annotated[tuple[str, ...], Field(min_length=1)]
OF_GROUPS = "`of` compares arms or groups, with a number at most for one of them"


class Only(Config):
    """Conditions on the runs, and on their levels.

    `data_size` is the number of training images of a class; `label_noise` one or several, or `some`: any
    above 0. The last two keep levels at which pruned runs have more, or less, than that percentage of
    their weights.
    """

    augment: bool | None = None
    data_size: Literal["smallest", "largest"] | int | None = None
    label_noise: Literal["some"] | float | tuple[float, ...] | None = None
    weights_above: float | None = None
    weights_below: float | None = None


class Correlated(Config):
    """A correlation over runs."""

    x: str
    y: str


class Relation(Config):
    """What all relations have in common: a choice of runs, and the parts that are judged separately.

    `significant` says of which parts the paper claims significance: of all, of `most`, or of none, where it
    claims only what its numbers show.
    """

    exclude: tuple[str, ...] = ()
    only: Only = Only()
    per: tuple[Split, ...] = ()
    each: tuple[str, ...] = ()
    significant: bool | Literal["most"] = True

    @property
    def sides(self) -> tuple[str | float, ...]:
        """The arms, groups and numbers that it is about, before {} is filled."""
        raise NotImplementedError

    @property
    def quantities(self) -> tuple[str, ...]:
        """The quantities that its runs must have."""
        raise NotImplementedError

    @property
    def names(self) -> tuple[str, ...]:
        """The arms and groups that it is about, with {} filled."""
        return filled((side for side in self.sides if isinstance(side, str)), self.each)

    @model_validator(mode="after")
    def _each_has_a_place(self) -> Self:
        if bool(self.each) != any(isinstance(side, str) and "{}" in side for side in self.sides):
            raise ValueError("`each` fills the place of {} in the names of arms: give both or neither")
        return self

    @property
    def apart(self) -> bool:
        """Whether its parts are of runs of their own, or steps of one order."""
        shared = self.each and any(isinstance(side, str) and "{}" not in side for side in self.sides)
        return not shared and {"level", "el2n_group"}.isdisjoint(self.per)


class Sign(Relation):
    """x and y correlate so, over the runs of the arms."""

    x: str
    y: str | None = None
    correlation: Correlated | None = None
    expect: Literal["positive", "negative", "none"]
    arms: Names
    statistic: Literal["pearson", "kendall"] = "pearson"
    monotone: bool = False
    runs: Annotated[int, Field(ge=3)] | None = None

    @property
    def sides(self) -> tuple[str | float, ...]:
        """The arms and groups."""
        return self.arms

    @property
    def quantities(self) -> tuple[str, ...]:
        """The quantities that its runs must have."""
        inner = (self.correlation.x, self.correlation.y) if self.correlation else ()
        return tuple(name for name in (self.x, self.y, *inner) if name is not None)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.y is None) == (self.correlation is None):
            raise ValueError("a sign needs either `y` or `correlation`")
        if (self.expect == "none") != (self.runs is not None):
            raise ValueError("`expect: none` and `runs`, the published number of them, belong together")
        if self.monotone and (self.correlation or self.expect == "none"):
            raise ValueError("`monotone` needs `y`, and expects positive or negative")
        if self.expect == "none" and self.significant is not True:
            raise ValueError("`expect: none` is of significance, so `significant` has no place beside it")
        return self


class Between(Relation):
    """A relation between groups, one of which may be a number.

    `test` is the paper's own, at the level `alpha`.
    """

    quantity: str | None = None
    of: Annotated[tuple[str | float, ...], Field(min_length=2)]
    test: OwnTest | None = None
    alpha: Annotated[float, Field(gt=0, lt=1)] = 0.05

    @property
    def sides(self) -> tuple[str | float, ...]:
        """The arms, groups and numbers."""
        return self.of

    @property
    def quantities(self) -> tuple[str, ...]:
        """The quantities that its runs must have."""
        return () if self.quantity is None else (self.quantity,)

    @model_validator(mode="after")
    def _not_of_numbers_alone(self) -> Self:
        if not any(isinstance(it, str) for it in self.of):
            raise ValueError(OF_GROUPS)
        return self

    @model_validator(mode="after")
    def _tested(self) -> Self:
        if self.test is None:
            return self
        if self.quantity is None or not all(isinstance(it, str) for it in self.of):
            raise ValueError("`test` compares a `quantity` of two groups")
        if self.significant is not True:
            raise ValueError("a `test` is of significance, so `significant` has no place beside it")
        return self


class Order(Between):
    """The groups have that quantity in that order, the highest first."""

    correlation: Correlated | None = None
    strict: bool
    within: NotNegative = 0.0
    at_least: Literal["most"] | Annotated[int, Field(ge=1)] | None = None

    @property
    def quantities(self) -> tuple[str, ...]:
        """The quantities that its runs must have."""
        return (self.correlation.x, self.correlation.y) if self.correlation else super().quantities

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.quantity is None) == (self.correlation is None):
            raise ValueError("an order needs either `quantity` or `correlation`")
        if self.strict and self.within:
            raise ValueError("`within` makes a tie of a small difference, and `strict` refuses ties")
        if self.test and self.within:
            raise ValueError("a `test` knows no tie, so `within` has no place beside it")
        if self.significant == "most":
            raise ValueError("of orders `at_least: most` says so")
        if self.correlation and not all(isinstance(it, str) for it in self.of):
            raise ValueError(OF_GROUPS)
        return self


class Match(Between):
    """The two groups have that quantity alike; with a `test`, it finds no difference with so many `runs`."""

    quantity: str
    of: Annotated[tuple[str | float, ...], Field(min_length=2, max_length=2)]
    within: Positive | None = None
    runs: Annotated[int, Field(ge=3)] | None = None

    @model_validator(mode="after")
    def _of_one_kind(self) -> Self:
        if (self.test is None) != (self.runs is None):
            raise ValueError("`test` and `runs`, the published number of both groups, belong together")
        if self.test and self.within:
            raise ValueError("two groups match by a `test` or `within` a tolerance, and not by both")
        if self.test is None and "alpha" in self.model_fields_set:
            raise ValueError("`alpha` is the level of a `test`")
        if self.significant == "most":
            raise ValueError("`significant: most` is of a sign")
        return self


AnyRelation: TypeAlias = Sign | Order | Match


def filled(names: Iterable[str], each: Iterable[str]) -> tuple[str, ...]:
    """The names with each of these in the place of {}."""
    return tuple(name.replace("{}", it) for it in (*each,) or ("",) for name in names)
