"""Measurements of a trained network: flatness, gradient noise, normality of activations."""
