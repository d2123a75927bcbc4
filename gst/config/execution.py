"""How runs are carried out: what each takes of a machine, and what is saved of it. It changes no result."""

from __future__ import annotations

from typing import Literal, TypeAlias, TypeVar

from pydantic import Field, ValidationError, field_validator

from gst.config.base import Config, Epoch
from gst.config.problem import explained
from gst.errors import ConfigError


class Resources(Config):
    """The resources of one run; fractions share a device."""

    cpus: float = Field(default=1.0, gt=0)
    gpus: float = Field(default=0.0, ge=0)

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
    """The saved states of each run: `seconds` pass at least between two, each at the end of an epoch.

    Those at the end of the epochs `at`, which count from 0, stay for good, for later measurements, unless
    none is to be kept. Where runs train in the process of the command, SIGTERM leaves them `grace` seconds to
    save one more. It changes no result, so neither a run's key nor a sweep's digest knows of it.
    """

    keep: Keep = "last"
    seconds: float = Field(default=30.0, ge=0)
    grace: float = Field(default=5.0, ge=0)
    at: tuple[Epoch, ...] = ()


Execution = TypeVar("Execution", Resources, CheckpointPolicy)


def changed(given: Execution, **changes: object) -> Execution:
    """These settings with the values that are not None, as options that somebody gave are.

    Raises ConfigError, which names the value that is wrong.
    """
    values = given.model_dump() | {name: value for name, value in changes.items() if value is not None}
    try:
        return type(given).model_validate(values)
    except ValidationError as error:
        problems = explained(error, type(given))
        raise ConfigError("; ".join(f"{it.key[0]}: {it.message}" for it in problems)) from None
