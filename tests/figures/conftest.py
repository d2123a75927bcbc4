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


@pytest.fixture(scope="session")
def filled(empty: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("filled") / "gst.db"
    path.write_bytes(empty.read_bytes())
    with Store.open(str(path)) as store:
        fill(store, HAND)
    return path


@pytest.fixture
def hand(filled: Path, tmp_path: Path) -> Iterator[Store]:
    """A store with one sweep, `hand`: two unpruned runs and two in each of two pruned arms."""
    path = tmp_path / "gst.db"
    path.write_bytes(filled.read_bytes())
    with Store.open(str(path)) as opened:
        yield opened
