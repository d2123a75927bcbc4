"""The base of all parts of a configuration."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Epoch = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]


class Config(BaseModel):
    """Frozen, no unknown keys, no silent conversions, no infinities."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)
