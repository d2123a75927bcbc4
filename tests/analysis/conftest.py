from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from stores import fill
from tradeoffs import HAND

from gst.store import Store


@pytest.fixture
def store(empty: Path, tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    path = tmp_path / "gst.db"
    path.write_bytes(empty.read_bytes())
    with Store.open(str(path)) as opened:
        yield opened


@pytest.fixture
def hand(store: Store) -> Store:
    """A store with one sweep, `hand`: two unpruned runs and two in each of two pruned arms."""
    fill(store, HAND)
    return store
