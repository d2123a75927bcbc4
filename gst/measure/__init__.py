"""Measurements of a trained network: flatness, gradient noise, normality of activations."""

from gst.measure.epsilon import Epsilon, epsilon_search
from gst.measure.free import FreeParameters, free_parameters
from gst.measure.gradients import GradientNoise, gradient_covariance_trace
from gst.measure.hessian import (
    AUTHORS_ITERATIONS,
    PAPER_ITERATIONS,
    Product,
    Spectrum,
    hessian_product,
    hutch_plus_plus,
    lanczos,
    power_iteration,
)
from gst.measure.normality import Distribution, normality

__all__ = [
    "AUTHORS_ITERATIONS",
    "PAPER_ITERATIONS",
    "Distribution",
    "Epsilon",
    "FreeParameters",
    "GradientNoise",
    "Product",
    "Spectrum",
    "epsilon_search",
    "free_parameters",
    "gradient_covariance_trace",
    "hessian_product",
    "hutch_plus_plus",
    "lanczos",
    "normality",
    "power_iteration",
]
