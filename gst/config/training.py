"""How long and how a run trains. Defaults never change; see gst.config.run."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gst.config.base import MOST_EPOCHS, Config, Count, Epoch, Misfit

Precision = Literal["fp32", "tf32", "bf16"]


class OptimizerConfig(Config):
    """The optimizer and its step."""

    name: Literal["adam", "sgd"]
    """Adam with torch's betas and eps (GST 2020), or stochastic gradient descent (Jin 2022)."""
    lr: Annotated[float, Field(gt=0)]
    """The learning rate before any drop."""
    momentum: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """The momentum of sgd; adam has its own."""
    weight_decay: Annotated[float, Field(ge=0)] = 0.0
    """The factor of the weight decay, which acts on every parameter."""

    @model_validator(mode="after")
    def _momentum_is_of_sgd(self) -> Self:
        if self.name == "adam" and self.momentum:
            raise Misfit("momentum", "momentum belongs to sgd; adam has its own")
        return self


class SamConfig(Config):
    """Sharpness-aware minimization: steps by the gradient at the worst weights nearby (Foret et al. 2021)."""

    rho: Annotated[float, Field(ge=0)] = 0.0
    """The distance, in l2 over all parameters, of the weights whose gradient a step takes; 0 for plain steps.
    A step takes two passes; batch norm's running statistics are of the first."""


class TrainingConfig(Config):
    """How long and how to train."""

    epochs: Annotated[int, Field(ge=1, le=MOST_EPOCHS)]
    """Epochs of training; of a run of many levels, those of the first level."""
    batch_size: Count
    """Number of images in a training batch; the last batch of an epoch may have fewer."""
    optimizer: OptimizerConfig
    sam: SamConfig = SamConfig()
    lr_drops: tuple[Epoch, ...] = ()
    """The epochs, rising and from 0, at which the learning rate is multiplied by `lr_factor`."""
    lr_factor: Annotated[float, Field(gt=0)] = 0.1
    """The factor of the learning rate at each drop."""
    warmup_epochs: Epoch = 0
    """Number of first epochs over which the learning rate rises from 0, step by step (Jin 2022, ResNet50)."""
    test_batch_size: Count = 256
    """Number of images in a test batch; it changes results only where noise acts on test batches too."""
    precision: Precision = "fp32"
    """Arithmetic of forward passes: fp32, on a GPU TensorFloat-32 in products, or bfloat16 by autocast."""

    @model_validator(mode="after")
    def _drops_rise(self) -> Self:
        if list(self.lr_drops) != sorted(set(self.lr_drops)):
            raise Misfit("lr_drops", f"lr_drops must rise, found {list(self.lr_drops)}")
        return self
