"""Configurations of regrowth: weights that come back. Defaults never change; see gst.config.run."""

from __future__ import annotations

from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from gst.config.base import Config, Count, Misfit

Target: TypeAlias = Literal["smallest", "random", "largest"]


class Regrowth(Config):
    """Weights that an event takes beyond its schedule, and as many that come back (SET, RigL)."""

    by: Literal["random", "gradient"]
    """Which weights of those that are gone come back: random ones (SET, Mocanu et al. 2018), or those whose
    gradient was largest before the event (RigL, Evci et al. 2020)."""
    share: Annotated[float, Field(gt=0, le=1)]
    """The share of a layer's weights left that is exchanged at an event, unless the layer is dense; 0.3 in
    both papers."""
    decay: Literal["constant", "cosine"]
    """Whether each event exchanges that share (SET), or share / 2 (1 + cos(pi epoch / (end + 1))) (RigL)."""
    target: Target
    """Which weights are exchanged, ranked by `score`: the smallest in both papers."""
    entry: Literal["zero", "initial"]
    """The value with which a weight comes back: 0 (RigL), or the one that it was drawn with, before training;
    SET draws another from the same distribution."""
    images: Count | None = None
    """Number of training images whose gradient is taken, drawn anew each time; `by: gradient` needs it."""

    @model_validator(mode="after")
    def _images_for_a_gradient(self) -> Self:
        if (self.by == "gradient") != (self.images is not None):
            needs = "takes the gradient of some images: how many?"
            raise Misfit(
                "images", f"by: {self.by} {needs if self.by == 'gradient' else 'looks at no images'}"
            )
        return self
