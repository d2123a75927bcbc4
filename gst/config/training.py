"""How long and how a run trains. Defaults never change; see gst.config.run."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gst.config.base import MOST_EPOCHS, Config, Count, Epoch

Precision = Literal["fp32", "tf32", "bf16"]


class OptimizerConfig(Config):
    """Adam (torch's default betas and eps) or SGD; weight decay acts on every parameter."""

    name: Literal["adam", "sgd"]
    lr: Annotated[float, Field(gt=0)]
    momentum: Annotated[float, Field(ge=0, lt=1)] = 0.0
    weight_decay: Annotated[float, Field(ge=0)] = 0.0

    @model_validator(mode="after")
    def _momentum_is_of_sgd(self) -> Self:
        if self.name == "adam" and self.momentum:
            raise ValueError("momentum belongs to sgd; adam has its own")
        return self


class TrainingConfig(Config):
    """How long and how to train.

    The learning rate is multiplied by `lr_factor` from each epoch of `lr_drops` on, and rises step by
    step from 0 over the first `warmup_epochs`.
    `test_batch_size` changes results only where noise acts on test batches too.
    """

    epochs: Annotated[int, Field(ge=1, le=MOST_EPOCHS)]
    batch_size: Count
    optimizer: OptimizerConfig
    lr_drops: tuple[Epoch, ...] = ()
    lr_factor: Annotated[float, Field(gt=0)] = 0.1
    warmup_epochs: Epoch = 0
    test_batch_size: Count = 256
    precision: Precision = "fp32"

    @model_validator(mode="after")
    def _drops_rise(self) -> Self:
        if list(self.lr_drops) != sorted(set(self.lr_drops)):
            raise ValueError(f"lr_drops must rise, found {list(self.lr_drops)}")
        return self
