"""The networks of the papers, torchvision's and users' own, and where in them the prunable layers are."""

from gst.models.build import build, model_of, network_of, sites, skeleton, trial_of
from gst.models.site import Layer, Norm, Site
from gst.models.weights import load_body

__all__ = [
    "Layer",
    "Norm",
    "Site",
    "build",
    "load_body",
    "model_of",
    "network_of",
    "sites",
    "skeleton",
    "trial_of",
]
