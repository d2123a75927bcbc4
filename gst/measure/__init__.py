"""Measurements of a trained network beyond its accuracy."""
