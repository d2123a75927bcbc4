from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from stores import fill
from tradeoffs import HAND

from gst.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    with Store.open(str(tmp_path / "gst.db"), create=True) as opened:
        yield opened


@pytest.fixture
def hand(store: Store) -> Store:
    """A store with one sweep, `hand`: two unpruned runs and two in each of two pruned arms."""
    fill(store, HAND)
    return store
