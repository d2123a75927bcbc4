"""Every figure by its name, as sweep files and the command line know it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from types import MappingProxyType

from gst.figures.papers.any_sweep import ANY_SWEEP
from gst.figures.papers.gst2019 import GST2019
from gst.figures.papers.gst2020 import GST2020
from gst.figures.papers.jin2022 import JIN2022
from gst.figures.recipe import Figure

FIGURES: Mapping[str, Figure] = MappingProxyType(
    dict(chain(*(it.items() for it in (ANY_SWEEP, GST2020, GST2019, JIN2022))))
)
