"""What `gst sweep` and `gst figure` say of runs with many levels."""

from __future__ import annotations

import pytest
from level_stores import Level, Levels, fill_levels, level_config

from gst.analysis.source import find_source
from gst.cli.level_table import levels_in_words
from gst.store import Store


@pytest.fixture
def store(tmp_path):
    with Store.open(f"sqlite:///{tmp_path / 'gst.db'}", create=True) as store:
        yield store


def words(store, runs, configs):
    fill_levels(store, runs, configs)
    return levels_in_words(store, find_source(store, "hand"))


def rows(text):
    return [line.split() for line in text.splitlines() if line.startswith(("IMP", "Dense"))]


def test_the_optimal_level_is_chosen_by_validation_and_told_by_test(store):
    """Validation is best at level 2, test at level 1; level 1 beats level 0 in both seeds, level 2 in one."""
    levels = [
        [Level(0.5, 0.5), Level(0.75, 0.5), Level(0.625, 0.75)],
        [Level(0.5, 0.5), Level(0.75, 0.5), Level(0.5, 0.75)],
    ]
    runs = [Levels("IMP", seed, found) for seed, found in enumerate(levels)]
    text = words(store, runs, {"IMP": level_config(levels=2, validation=0.25)})
    ((arm, n, dense, best, left, error, verdict, *sparsest),) = rows(text)
    assert (arm, n, dense, best, left, error, verdict) == (
        "IMP", "2", "50.00%", "2", "25.0%", "43.75%", "match",
    )  # fmt: skip
    assert sparsest == ["level", "1,", "50.0%"]
    assert "lowest mean validation error" in text


def test_without_validation_images_by_test_error(store):
    runs = [Levels("IMP", seed, [Level(0.5), Level(0.25), Level(0.25)]) for seed in (0, 1)]
    text = words(store, runs, {"IMP": level_config(levels=2)})
    assert rows(text) == [["IMP", "2", "50.00%", "0", "100.0%", "50.00%", "match"]]
    assert "lowest mean test error" in text


def test_a_single_level_is_nothing_to_choose_from(store):
    runs = [Levels("Dense", seed, [Level(0.5)]) for seed in (0, 1)]
    assert words(store, runs, {"Dense": level_config("none")}) == ""
