"""Figures as files, and what a file still says."""
