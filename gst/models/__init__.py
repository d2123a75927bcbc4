"""The networks of the papers, and where in them the prunable layers are."""

from gst.models.build import build, sites, skeleton
from gst.models.site import Layer, Norm, Site
from gst.models.weights import load_body

__all__ = ["Layer", "Norm", "Site", "build", "load_body", "sites", "skeleton"]
