"""Old name of the protocol in `recipe`."""

from gst.figures.recipe import Numbers

__all__ = ["Numbers"]
