"""Every key of a configuration has a rule, and the rules that are no matter of course are right."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator

import pytest
from pydantic import BaseModel
from shipped import shipped, with_values

from gst.analysis.deviation import deviations
from gst.analysis.effects import EFFECTS
from gst.config import RunConfig


def models_in(annotation: object) -> list[type[BaseModel]]:
    """The models of which a value of that annotation may be one."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if typing.get_origin(annotation) in (types.UnionType, typing.Union, typing.Annotated):
        return [it for part in typing.get_args(annotation) for it in models_in(part)]
    return []


def keys_of(model: type[BaseModel], above: str = "") -> Iterator[str]:
    for field_name, field in model.model_fields.items():
        name = field.alias or field_name
        if inner := models_in(field.annotation):
            for it in inner:
                yield from keys_of(it, f"{above}{name}.")
        else:
            yield above + name


def test_every_key_has_a_rule_and_every_rule_its_key():
    assert set(keys_of(RunConfig)) == set(EFFECTS)


def test_the_keys_are_those_of_a_sweep_file():
    settings = {key for it in (shipped("fig6", "PruneL 13%"), LENET) for key in it.settings()}
    absent = {  # None, for what a run does not have
        "measure.flatness", "measure.normality", "measure.examples", "measure.each_example", "from",
        "measure.connectivity",
        "data.leave_out", "pruning.regrow",
    }  # fmt: skip
    assert settings - absent <= set(EFFECTS)
    assert len(settings) > 30


VGG, RANDOM = shipped("fig2_vgg11", "PruneL 13%"), shipped("fig6", "PruneR 13%")
NOISE, LENET = shipped("fig5", "Zeroing 50"), shipped("jin_fig3_lenet", "IMP label_noise=0.05")
FLAT = shipped("fig6", "PruneL 13%")
POWER = with_values(FLAT, measure__flatness__method="power")
CONSTANT = with_values(VGG, training__lr_drops=())


@pytest.mark.parametrize(
    ("config", "change", "measured", "differs"),
    [
        (VGG, {"training__precision": "tf32"}, (), False),
        (VGG, {"training__precision": "bf16"}, (), True),
        (VGG, {"training__test_batch_size": 100}, (), False),
        (NOISE, {"training__test_batch_size": 100}, (), True),
        (VGG, {"training__lr_factor": 0.5}, (), True),
        (CONSTANT, {"training__lr_factor": 0.5}, (), False),
        (VGG, {"pruning__score": "l1"}, (), True),
        (RANDOM, {"pruning__score": "l1"}, (), False),
        (LENET, {"measure__examples__el2n__epochs": 3}, (), False),
        (LENET, {"measure__examples__el2n__epochs": 3}, ("groups",), True),
        (LENET, {"measure__examples__el2n__replicates": 3}, ("groups",), True),
        (LENET, {"measure__examples__groups": 10}, ("flatness",), False),
        (FLAT, {"measure__flatness__epoch": 9}, ("flatness",), True),
        (FLAT, {"measure__flatness__iterations": 20}, ("flatness",), False),
        (POWER, {"measure__flatness__iterations": 20}, ("flatness",), True),
        (POWER, {"measure__flatness__iterations": 20}, (), False),
        (LENET, {"data__validation": 0.0}, (), True),
        (LENET, {"data__label_noise": 0.06}, (), True),
        (LENET, {"data__normalisation": "own"}, (), False),  # the value that it has
    ],
)
def test_what_can_change_a_result(config, change, measured, differs):
    assert bool(deviations(with_values(config, **change), config, measured)) == differs
