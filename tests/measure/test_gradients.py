from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from gst.measure import gradients as module
from gst.measure.free import free_parameters
from gst.measure.gradients import gradient_covariance_trace


def one_by_one(model, images, labels, kept=None) -> float:
    total = 0.0
    for image, label in zip(images, labels, strict=True):
        model.zero_grad()
        functional.cross_entropy(model(image[None]), label[None]).backward()
        for name, parameter in model.named_parameters():
            gradient = parameter.grad if kept is None else parameter.grad * kept.get(name, 1)
            total += (gradient**2).sum().item()
    return total / len(labels)


@pytest.mark.parametrize("chunk", [None, 1, 5, 100])
def test_the_trace_is_the_mean_square_of_single_images_gradients(model, images, labels, chunk):
    found = gradient_covariance_trace(model, images, labels, free_parameters(model), chunk)
    assert found.n == 12
    assert found.trace == pytest.approx(one_by_one(model, images, labels), rel=1e-12)


def test_it_is_uncentered(model, images, labels):
    same = images[:1].expand(4, -1, -1, -1)
    found = gradient_covariance_trace(model, same, labels[:1].expand(4), free_parameters(model))
    assert found.trace > 0  # a centered covariance of equal gradients would be zero


def test_held_parameters_do_not_count(model, images, labels):
    held = torch.zeros_like(model.out.weight, dtype=torch.bool)
    held[:, 0] = True
    free = free_parameters(model, [(model.out.weight, held)])
    expected = one_by_one(model, images, labels, {"out.weight": (~held).double()})
    assert gradient_covariance_trace(model, images, labels, free).trace == pytest.approx(expected, rel=1e-12)


def test_eval_mode_whatever_it_was_in_before(model, images, labels):
    expected = one_by_one(model, images, labels)
    model.train()
    found = gradient_covariance_trace(model, images, labels, free_parameters(model))
    assert found.trace == pytest.approx(expected, rel=1e-12)


def test_a_chunk_has_one_image_at_least(model, images, labels, monkeypatch):
    monkeypatch.setattr(module, "CPU_CHUNK_BYTES", 1)
    found = gradient_covariance_trace(model, images, labels, free_parameters(model))
    assert found.trace == pytest.approx(one_by_one(model, images, labels), rel=1e-12)


def test_float32_loses_no_more_than_its_own_precision(model, images, labels):
    expected = one_by_one(model, images, labels)
    found = gradient_covariance_trace(model.float(), images.float(), labels, free_parameters(model))
    assert found.trace == pytest.approx(expected, rel=1e-5)
