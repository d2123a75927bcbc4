"""The configuration of a run: one frozen, validated object, complete before the first batch.

Defaults here never change: a run's key leaves out fields at their default, so that a new field
renames no old run. A field that tells variants apart (`kind`, `name`) has no default.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Annotated, Any, NamedTuple, Self

from pydantic import Field, model_validator

from gst.config.base import Config, Misfit
from gst.config.course import Course
from gst.config.leave_out import refuse_choice
from gst.config.measure import MeasureConfig, canonical_json
from gst.config.other_run import OtherRun
from gst.config.pruning import Levels, PruningConfig, Schedules
from gst.config.task import DataConfig, ModelConfig
from gst.config.training import TrainingConfig
from gst.config.trunk import Branch, branch_epoch, refuse_misfit

OTHERS = ("from.arm", "data.leave_out.arm")
"""Keys that hold a whole other run, which a sweep file names by the label of its arm."""
MOST_TRUNKS = 20
"""Number of runs in a chain, each of which needs the next."""
_EMBEDDED = '"arm":{'


class RunConfig(Config):
    """One configuration: everything that makes a run what it is, but its seed."""

    data: DataConfig
    model: ModelConfig
    training: TrainingConfig
    pruning: PruningConfig
    """What is removed or disturbed, and when; its `kind` decides on the keys beside it."""
    measure: MeasureConfig = MeasureConfig()
    scale: Annotated[float, Field(gt=0, le=1)] = 1.0
    """Below 1, the mark of a run that was shrunk from a published configuration, as --scale sets it."""
    branch: Branch | None = Field(default=None, alias="from")

    @property
    def course(self) -> Course:
        """How its epochs follow each other."""
        match self.pruning:
            case Levels(levels=levels, rewind_epoch=rewind):
                return Course(self.training.epochs, levels, rewind)
            case _:
                return Course(self.training.epochs)

    @property
    def total_epochs(self) -> int:
        """The epochs of all its levels."""
        return self.course.total

    @property
    def trunk(self) -> RunConfig | None:
        """The configuration of the run from whose state it begins; see Branch."""
        return None if self.branch is None else other(self.branch.arm)

    @property
    def chooser(self) -> RunConfig | None:
        """The configuration of the run by which images are left out; see LeaveOut."""
        left = self.data.leave_out
        return None if left is None or left.arm is None else other(left.arm)

    @property
    def first_epoch(self) -> int:
        """The first epoch that it trains itself: the earlier ones are its trunk's."""
        if self.branch is None or self.trunk is None:
            return 0
        return branch_epoch(self.trunk, self.branch.epoch, self.branch.level)

    @property
    def own_epochs(self) -> int:
        """The epochs that it trains itself."""
        return self.total_epochs - self.first_epoch

    @property
    def draws(self) -> str:
        """What the names of its streams of random numbers begin with: those of one order draw alike."""
        if self.branch is None or self.trunk is None:
            return ""
        return self.trunk.draws if self.branch.order is None else f"branch/{self.branch.order}/"

    @property
    def el2n_epochs(self) -> int:
        """The epochs of the networks that it trains for EL2N scores, all of them before its own first."""
        return 0 if self.measure.el2n is None else self.measure.el2n.total_epochs

    @property
    def begins(self) -> int:
        """The epoch that comes first of all: negative ones are of networks for EL2N scores."""
        return self.first_epoch - self.el2n_epochs

    def settings(self) -> dict[str, Any]:
        """Each plain value by its dotted key, as in a sweep file, defaults included; a list is one value.

        Of the text of a user's file it has the sha256, and so of another run's configuration.
        """
        digests = {
            f"{name}.source": part.code.digest
            for name, part in (("data", self.data), ("model", self.model))
            if part.code is not None
        }
        if self.branch is not None:
            digests["from.arm"] = self.branch.arm.name
        if self.data.leave_out is not None and self.data.leave_out.arm is not None:
            digests["data.leave_out.arm"] = self.data.leave_out.arm.name
        return dict(_leaves(self.model_dump(mode="json"))) | digests

    @model_validator(mode="after")
    def _measurements_fit_training(self) -> Self:
        flatness, total = self.measure.flatness, self.total_epochs
        if flatness is not None and flatness.epoch >= total:
            raise Misfit(
                "measure.flatness.epoch",
                f"flatness is measured at epoch {flatness.epoch}, but the last of {total} "
                f"epochs is {total - 1} (epochs count from 0)",
            )
        self._moments_are_in_training()
        el2n = self.measure.el2n
        if el2n is not None and el2n.epochs > self.training.epochs:
            raise Misfit(
                "measure.examples.el2n.epochs",
                f"EL2N scores are taken after {el2n.epochs} epochs, and training has {self.training.epochs}",
            )
        return self

    def _moments_are_in_training(self) -> None:
        each, course = self.measure.each_example, self.course
        if each is None:
            return
        levels = () if isinstance(each.levels, str) else each.levels
        for name, listed, last in (
            ("levels", levels, course.levels),
            ("epochs", each.epochs, course.total - 1),
        ):
            for wanted in (it for it in listed if it > last):
                raise Misfit(
                    f"measure.each_example.{name}",
                    f"examples are looked at in {name} from 0 to {last} of this run, found {wanted}",
                )

    @model_validator(mode="after")
    def _pruning_fits_training(self) -> Self:
        if isinstance(self.pruning, Levels) and self.pruning.rewind_epoch >= self.training.epochs:
            last = self.training.epochs - 1
            raise Misfit(
                "pruning.rewind_epoch",
                f"levels go back to epoch {self.pruning.rewind_epoch}, but the last of {last + 1} epochs "
                f"is {last} (epochs count from 0)",
            )
        if isinstance(self.pruning, Schedules) and self.pruning.last_end >= self.training.epochs:
            last = self.training.epochs - 1
            raise Misfit(
                "pruning.end",
                f"pruning ends at epoch {self.pruning.last_end}, but the last of {last + 1} epochs "
                f"is {last} (epochs count from 0)",
            )
        return self

    def sibling(self, order: int) -> RunConfig:
        """The run that is alike but for its order of batches; nothing is measured of it."""
        assert self.branch is not None
        branch = self.branch.model_copy(update={"order": order})
        return self.model_copy(update={"branch": branch, "measure": self.measure.of_run})

    @model_validator(mode="after")
    def _has_a_sibling(self) -> Self:
        asked = self.measure.connectivity
        own = self.branch and self.branch.order
        if asked is not None and (own is None or own == asked.order):
            has = "none" if own is None else f"order {own} itself"
            message = f"the line is to a run of another `from.order`, and this run has {has}"
            raise Misfit("measure.connectivity.order", message)
        return self

    @model_validator(mode="after")
    def _images_can_be_chosen(self) -> Self:
        if self.chooser is not None:
            refuse_choice(self, self.chooser)
        return self

    @model_validator(mode="after")
    def _can_begin_from_its_trunk(self) -> Self:
        if self.trunk is not None:
            refuse_misfit(self, self.trunk, self.first_epoch)
        return self


@lru_cache(maxsize=1024)
def other(run: OtherRun) -> RunConfig:
    """The configuration that is embedded in another. Raises ValueError where it is none as gst writes it."""
    if run.text.count(_EMBEDDED) > MOST_TRUNKS:
        raise ValueError(f"expected a chain of at most {MOST_TRUNKS} runs, each of which needs the next")
    config = RunConfig.model_validate_json(run.text)
    if run != embedded(config):
        raise ValueError("the configuration of another run is not written as this gst does")
    return config


def embedded(config: RunConfig) -> OtherRun:
    """The configuration as it stands in another: without what is measured of the network as it stands."""
    trained = config.model_copy(update={"measure": config.measure.of_run})
    return OtherRun(canonical_json(trained.model_dump(mode="json", exclude_defaults=True)))


class RunSpec(NamedTuple):
    """One run: a configuration and a seed (a replicate)."""

    config: RunConfig
    seed: int


def _leaves(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in tree.items():
        if isinstance(value, dict) and f"{prefix}{name}" not in OTHERS:
            yield from _leaves(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
