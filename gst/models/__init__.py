"""The networks of the papers, and where in them the prunable layers are."""

from gst.models.build import MODELS, Architecture, build, sites, skeleton
from gst.models.site import ImageShape, Layer, Norm, Role, Site
from gst.models.weights import load_body

__all__ = [
    "MODELS",
    "Architecture",
    "ImageShape",
    "Layer",
    "Norm",
    "Role",
    "Site",
    "build",
    "load_body",
    "sites",
    "skeleton",
]
