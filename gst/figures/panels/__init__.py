"""Kinds of panels: the numbers of each, and how they are drawn."""
