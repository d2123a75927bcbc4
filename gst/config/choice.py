"""Whether images can be left out by what another run makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gst.config.base import Misfit

if TYPE_CHECKING:
    from gst.config.run import RunConfig


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
