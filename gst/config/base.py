"""The base of all parts of a configuration."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

MOST_EPOCHS = 100_000
"""Number of epochs that a run may train; every one becomes rows of the store."""
LARGEST_COUNT = 2**31 - 1
"""The largest number in an integer column of Postgres."""

Epoch = Annotated[int, Field(ge=0, le=MOST_EPOCHS)]
Count = Annotated[int, Field(ge=1, le=LARGEST_COUNT)]
Share = Annotated[float, Field(ge=0, le=1)]


class Misfit(ValueError):
    """Values that do not go together; `key` is the one to change, dotted, inside the refusing model."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key


class Config(BaseModel):
    """Frozen, no unknown keys, no silent conversions, no infinities; a text under a field tells of it."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, allow_inf_nan=False, serialize_by_alias=True
    )
