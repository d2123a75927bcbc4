"""Training images that a run leaves out: by number, or by what another run makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from gst.config.base import LARGEST_COUNT, Config, Misfit
from gst.config.other_run import OtherRun

if TYPE_CHECKING:
    from gst.config.run import RunConfig

Rule = Literal["improved", "worsened", "misclassified", "highest_el2n", "random"]
NEEDED: Mapping[str, frozenset[str]] = {
    "improved": frozenset({"arm", "level", "share"}),
    "worsened": frozenset({"arm", "level", "share"}),
    "misclassified": frozenset({"arm", "level"}),
    "highest_el2n": frozenset({"arm", "share"}),
    "random": frozenset({"share"}),
    "indices": frozenset({"indices"}),
}
"""The keys that each rule needs, and besides `at_random` no others."""


class LeaveOut(Config):
    """Images that are left out of training (Jin 2022, Appendices D and E); the others keep their labels."""

    indices: tuple[Annotated[int, Field(ge=0, le=LARGEST_COUNT)], ...] | None = None
    """Their indices in the data set's training split, from 0, in place of a rule; those that the run would
    not have trained on are passed over."""
    rule: Rule | None = None
    """By the run of `arm`: its images with the largest fall or rise of loss from level 0 to `level`, those
    misclassified there on the label trained on, or those of highest EL2N score; ties by index. Or random."""
    arm: OtherRun | None = None
    """The label of the arm by whose runs, seed by seed, images are chosen; it has the same data."""
    level: Annotated[int, Field(ge=1, le=LARGEST_COUNT)] | Literal["optimal", "sparsest_better"] | None = None
    """The level of that run: a number; `optimal`, its pruned level of lowest validation error; or
    `sparsest_better`, the last one whose validation error is lower than level 0's (Jin 2022, section 3)."""
    share: Annotated[float, Field(gt=0, lt=1)] | None = None
    """The share of the training images that is left out, rounded to whole images."""
    at_random: bool = False
    """Whether as many images as the rule names are drawn at random in their place, to compare with."""

    @model_validator(mode="after")
    def _rule_has_its_keys(self) -> Self:
        given = {name for name in ("indices", "arm", "level", "share") if getattr(self, name) is not None}
        if (self.indices is None) == (self.rule is None):
            found = "neither" if self.rule is None else "both"
            raise Misfit("rule", f"expected `rule` or `indices`, one of the two, found {found}")
        rule = self.rule or "indices"
        if lacking := sorted(NEEDED[rule] - given):
            raise Misfit(lacking[0], f"rule {rule} needs {', '.join(sorted(NEEDED[rule]))}")
        if surplus := sorted(given - NEEDED[rule]):
            raise Misfit(
                surplus[0], f"{rule} has no {surplus[0]}: it needs {', '.join(sorted(NEEDED[rule]))}"
            )
        if self.at_random and self.arm is None:
            raise Misfit(
                "at_random", f"`at_random` draws as many images as a rule names, and {rule} needs no arm"
            )
        return self


def refuse_choice(config: RunConfig, chooser: RunConfig) -> None:
    """Raise Misfit where the other run trains on other images, or has no such level, or no scores."""
    left, levels = config.data.leave_out, chooser.course.levels
    assert left is not None
    own, other = config.data.model_copy(update={"leave_out": None}), chooser.data
    if own != other:
        differ = [name for name in type(own).model_fields if getattr(own, name) != getattr(other, name)]
        raise Misfit(
            "data.leave_out.arm",
            f"expected an arm with the same data, found one that differs in data.{differ[0]}",
        )
    if isinstance(left.level, int) and left.level > levels:
        expected = f"expected a level from 1 to {levels}, the arm's last"
        raise Misfit("data.leave_out.level", f"{expected}, found {left.level}")
    if isinstance(left.level, str) and not (levels and other.validation):
        raise Misfit(
            "data.leave_out.level",
            f"{left.level} is chosen by validation error: the arm needs pruning.levels and data.validation",
        )
    if left.rule == "highest_el2n" and chooser.measure.el2n is None:
        raise Misfit(
            "data.leave_out.rule", "highest_el2n needs an arm with EL2N scores: measure.examples.el2n"
        )
