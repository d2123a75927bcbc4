"""What would make one configuration of several arms: told, or refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from tiny_sweep import TINY

from gst.config.document import parse_document
from gst.config.sweep import expand
from gst.errors import ConfigError

GRID = TINY.replace("figures: [tradeoff]\n", "grid: {pruning.fraction: [0.25, 0.5]}\nfigures: [tradeoff]\n")


def test_a_key_that_a_grid_varies_is_not_overridden():
    document = parse_document(GRID, Path("tiny.yaml"))
    with pytest.raises(ConfigError, match=r"arm 'PruneL' varies pruning\.fraction in a grid or zip"):
        expand(document, overrides=("pruning.fraction=0.75",))
    assert len(expand(document, overrides=("training.epochs=4",)).configs) == 3


def test_arms_of_one_configuration_are_told():
    document = parse_document(
        TINY.replace("  PruneL: {}\n", "  PruneL: {}\n  Again: {}\n"), Path("tiny.yaml")
    )
    (remark,) = expand(document).remarks
    assert remark == "arms 'PruneL' and 'Again' are one configuration, and have the same runs"
    assert expand(parse_document(TINY, Path("tiny.yaml"))).remarks == ()
