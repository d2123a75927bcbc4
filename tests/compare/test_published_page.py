"""sweeps/published.md, the page about the language of published.yaml: complete, and its example works."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import get_args

import pytest
from stores import Run, fill

from gst.compare.loading import load_published
from gst.compare.papers import compare
from gst.compare.published import (
    Assumed,
    Claim,
    Group,
    Kind,
    Outcome,
    Paper,
    Published,
    PublishedFigure,
    PublishedSweep,
    Rule,
    Value,
    ValueStatistic,
)
from gst.compare.quantities import QUANTITIES
from gst.compare.relations import Correlated, Images, LevelAt, Match, Only, Order, Relation, Sign, Split
from gst.paths import project_folder

PAGE = (project_folder("sweeps") / "published.md").read_text(encoding="utf-8")


def table(section: str, heading: str = "key") -> dict[str, list[str]]:
    """The rows under that heading of a table, by the word in their first cell."""
    _, _, inside = PAGE.partition(f"\n## {section}\n")
    _, found, rows = inside.partition(f"| {heading} |")
    assert found
    lines = takewhile(lambda line: line.startswith("|"), rows.splitlines()[2:])
    cells = [line.strip("| ").split(" | ") for line in lines]
    return {row[0].strip("`"): row[1:] for row in cells}


@pytest.mark.parametrize(
    ("section", "heading", "keys"),
    [
        ("The file", "key", set(Published.model_fields)),
        ("A paper", "key", set(Paper.model_fields)),
        ("A figure", "key", set(PublishedFigure.model_fields)),
        ("A sweep", "key", set(PublishedSweep.model_fields)),
        ("A sweep", "key of an assumed key", set(Assumed.model_fields)),
        ("A group", "key", set(Group.model_fields)),
        ("A value", "key", set(Value.model_fields)),
        ("A value", "statistic", set(get_args(ValueStatistic))),
        ("A claim", "key", set(Claim.model_fields)),
        ("A claim", "key of a relation", set(Relation.model_fields)),
        ("A claim", "key of `only`", set(Only.model_fields)),
        ("A claim", "key of `sign`", set(Sign.model_fields) - set(Relation.model_fields)),
        ("A claim", "key of `order`", set(Order.model_fields) - set(Relation.model_fields)),
        ("A claim", "key of `match`", set(Match.model_fields) - set(Relation.model_fields)),
    ],
)
def test_the_page_has_every_key_and_no_other(section, heading, keys):
    assert set(table(section, heading)) == keys


def test_the_page_has_every_word_that_a_key_may_be():
    for words in (Rule, Kind, LevelAt, Images, Outcome, Split):
        for word in get_args(words):
            assert f"`{word}`" in PAGE, word
    assert f"`{{{', '.join(Correlated.model_fields)}}}`" in PAGE


def test_the_page_has_every_quantity_with_its_unit():
    assert table("Quantities", "quantity") == {name: [it.words, it.unit] for name, it in QUANTITIES.items()}


def test_the_example_is_a_whole_file(tmp_path, store):
    (text,) = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    published = load_published(path)
    runs = [Run("No Pruning", seed, [0.9 + seed / 64]) for seed in range(4)]
    for arm, drop in (("PruneS fraction=0.8", 0.125), ("PruneL fraction=0.8", 0.25)):
        runs += [Run(arm, seed, [0.5, 0.5], events=[(0, 0.5, 0.5 - drop)]) for seed in range(4)]
    fill(store, runs, name="quickstart")
    (figure,) = compare(store, published, ["table1"]).figures
    assert [value.ours is not None for value in figure.values] == [True]
    assert [claim.verdict for claim in figure.claims] == ["held"]
