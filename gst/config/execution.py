"""How runs are carried out: what each takes of a machine, and what is saved of it. It changes no result."""

from __future__ import annotations

from typing import Literal, TypeAlias, TypeVar

from pydantic import Field, ValidationError, field_validator

from gst.config.base import Config, Epoch
from gst.config.problem import in_a_line
from gst.errors import ConfigError


class Resources(Config):
    """The resources of one run; fractions share a device."""

    cpus: float = Field(default=1.0, gt=0)
    """CPU cores of one run."""
    gpus: float = Field(default=0.0, ge=0)
    """GPUs of one run; with 0.25, four runs share one. On a machine without, runs train on the CPU."""

    @field_validator("gpus")
    @classmethod
    def _part_or_whole(cls, gpus: float) -> float:
        """Ray gives away parts of one GPU, and several only whole."""
        if gpus > 1 and gpus != int(gpus):
            raise ValueError(f"expected a part of one GPU or a whole number of them, found {gpus:g}")
        return gpus


Keep: TypeAlias = Literal["last", "none", "final"]
"""The saved state of a run: the newest while it trains, none, or the final one for good."""


class CheckpointPolicy(Config):
    """The saved states of each run. They change no result, and no key or digest."""

    keep: Keep = "last"
    """The newest state while a run trains, none (what is stopped starts over), or also the final one for
    good."""
    seconds: float = Field(default=30.0, ge=0)
    """Seconds that pass at least between two saved states, each at the end of an epoch."""
    grace: float = Field(default=5.0, ge=0)
    """Seconds that SIGTERM leaves runs to save one more state, where they train in the command's process."""
    at: tuple[Epoch, ...] = ()
    """Epochs, from 0, at whose end a state stays for good, for later measurements."""


Execution = TypeVar("Execution", Resources, CheckpointPolicy)


def changed(given: Execution, **changes: object) -> Execution:
    """These settings with the values that are not None, as options that somebody gave are.

    Raises ConfigError, which names the value that is wrong.
    """
    values = given.model_dump() | {name: value for name, value in changes.items() if value is not None}
    try:
        return type(given).model_validate(values)
    except ValidationError as error:
        raise ConfigError(in_a_line(error, type(given))) from None
