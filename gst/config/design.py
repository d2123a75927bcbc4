"""A group-sequential design in the place of a number of seeds: when a sweep decides, and on what."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Literal, Self

from pydantic import Field, ValidationError, field_validator, model_validator

from gst.config.base import Config
from gst.config.document import Document, KeyPath
from gst.config.problem import explained, in_a_line, shown
from gst.config.seeds import LARGEST
from gst.errors import ConfigError, UnknownNameError

Outcome = Literal[
    "final_test_accuracy",
    "best_test_accuracy",
    "final_train_accuracy",
    "final_gap",
    "best_gap",
    "mean_stability",
    "mean_drop",
    "last_drop",
]
"""Columns of the view `run_summary` that a question may be about; fractions of 1, told in points."""
Spending = Literal["obrien_fleming", "pocock"]

FEWEST_SEEDS = 3
"""Number of seeds below which a look decides nothing."""
MOST_SEEDS = 100_000
"""Number of seeds of the last look, at most."""


class Question(Config):
    """The mean difference of two arms (first less second), paired by seed, that a sweep is to find."""

    difference: tuple[str, ...]
    """Two arms, the second of which is subtracted from the first, seed by seed."""
    of: Outcome
    """What is compared: a column of the view `run_summary`, a share of 1 that is told in points."""

    @field_validator("difference")
    @classmethod
    def _two_arms(cls, arms: tuple[str, ...]) -> tuple[str, ...]:
        if len(arms) != 2 or len(set(arms)) != 2:
            wanted = "expected two different arms, such as [PruneL, No Pruning]"
            raise ValueError(f"{wanted}, found {shown(arms)}")
        return arms


class Design(Config):
    """The numbers of seeds after which a sweep decides whether to go on, and by what rule."""

    looks: tuple[int, ...]
    """Numbers of seeds, rising from 3 on, after which the sweep decides whether to go on."""
    start: int = Field(default=0, ge=0, le=LARGEST - MOST_SEEDS)
    """The first seed."""
    question: Question
    """The mean difference of two arms, paired by seed, that the sweep is to find."""
    alpha: float = Field(default=0.05, gt=0, lt=1)
    """The level of all looks together, two-sided."""
    spending: Spending | None = None
    """How alpha is spent: obrien_fleming (without a width), or pocock, which stops sooner and is harder at
    the end."""
    futility: bool = False
    """Whether to stop, too, where going on has less than a 10% chance to find a difference."""
    width: float | None = Field(default=None, gt=0)
    """In the place of a test: stop when the interval of the difference is at most that many points wide."""

    @field_validator("looks")
    @classmethod
    def _rising(cls, looks: tuple[int, ...]) -> tuple[int, ...]:
        if len(looks) < 2 or looks[0] < FEWEST_SEEDS or list(looks) != sorted(set(looks)):
            raise ValueError(
                f"expected two or more rising numbers of seeds from {FEWEST_SEEDS} on, found {shown(looks)}"
            )
        if looks[-1] > MOST_SEEDS:
            raise ValueError(f"expected at most {MOST_SEEDS:,} seeds, found {shown(looks)}")
        return looks

    @model_validator(mode="after")
    def _test_or_width(self) -> Self:
        if self.width is None:
            object.__setattr__(self, "spending", self.spends)  # one spelling, one digest
        elif self.spending or self.futility:
            raise ValueError("expected a test (spending, futility) or a width, found both")
        return self

    @property
    def spends(self) -> Spending:
        """How alpha is spent. For a width evenly: an early interval could not be narrow otherwise."""
        return self.spending or ("obrien_fleming" if self.width is None else "pocock")

    @property
    def seeds(self) -> tuple[int, ...]:
        """All seeds that the last look would have."""
        return tuple(range(self.start, self.start + self.looks[-1]))

    def seeds_of(self, look: int) -> tuple[int, ...]:
        """The seeds that come with that look, which count from 1."""
        before = self.looks[look - 2] if look > 1 else 0
        return self.seeds[before : self.looks[look - 1]]

    @property
    def fractions(self) -> tuple[float, ...]:
        """The share of all seeds that each look has."""
        return tuple(count / self.looks[-1] for count in self.looks)


def design_of(document: Document) -> Design | None:
    """The design that the document has for `seeds`, or None where it has seeds.

    Raises ConfigError for a wrong key or value, and where an arm has seeds of its own.
    """
    given = document.values.get("seeds")
    if not isinstance(given, dict) or not given.keys() & (Design.model_fields.keys() - {"start"}):
        return None
    try:
        design = Design.model_validate_json(json.dumps(given))
    except ValidationError as error:
        problems = explained(error, Design)
        lines = (str(document.error(("seeds", *key), message)) for key, message in problems)
        raise ConfigError("\n".join(lines)) from None
    arms = document.values.get("arms")
    for arm, own in arms.items() if isinstance(arms, dict) else ():
        if isinstance(own, dict) and "seeds" in own:
            place: KeyPath = ("arms", arm, "seeds")
            raise document.error(place, "no arm has its own seeds where the sweep has a design (seeds.looks)")
    return design


def stored_design(content: object) -> Design:
    """The design that was stored as that JSON. Raises ConfigError where it is none."""
    try:
        return Design.model_validate_json(json.dumps(content))
    except ValidationError as error:
        raise ConfigError(in_a_line(error, Design)) from None


def check_arms(document: Document, design: Design, arms: Sequence[str]) -> None:
    """Raise ConfigError for an arm of the question that the sweep does not have, with the nearest."""
    for place, arm in enumerate(design.question.difference):
        if arm not in arms:
            message = str(UnknownNameError("arm", arm, arms))
            raise document.error(("seeds", "question", "difference", place), message)
