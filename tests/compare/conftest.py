from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from comparisons import compared
from stores import Run, fill

from gst.store import Store


@pytest.fixture
def store(empty: Path, tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    path = tmp_path / "gst.db"
    path.write_bytes(empty.read_bytes())
    with Store.open(str(path)) as opened:
        yield opened


@pytest.fixture
def judged(store: Store) -> Callable:
    """Fill the store with runs and judge one relation, given as `sign=`, `order=` or `match=`."""

    def judge(runs: Sequence[Run], configs=None, figure=None, **relation):
        if runs:
            fill(store, runs, configs=configs)
        (kind,) = relation
        claim = {"claim": "It is so.", "place": "Section 1", kind: relation[kind]}
        (found,) = compared(store, claims=[claim], **(figure or {})).claims
        assert (found.claim, found.place, found.kind) == ("It is so.", "Section 1", kind)
        return found

    return judge


@pytest.fixture
def valued(store: Store) -> Callable:
    """Fill the store with runs and compare one value, given by its keys."""

    def value(trained: Sequence[Run], configs=None, figure=None, **keys):
        if trained:
            fill(store, trained, configs=configs)
        given = {"value": 50.0, "unit": "percent", "place": "Table 1"} | keys
        (found,) = compared(store, values=[given], **(figure or {})).values
        return found

    return value
