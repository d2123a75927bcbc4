"""A registered sweep on handwritten digits, and what a trial of it needs."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest
from tiny_sweep import spec_of

from gst.config import SweepSpec
from gst.launch.trial import Assignment
from gst.store import Store


class Registered(NamedTuple):
    """A sweep in a store of its own, with a driver, and none of its runs begun."""

    spec: SweepSpec
    store: Store
    file: Path
    assignment: Assignment

    @property
    def keys(self) -> list[str]:
        return self.store.remaining(self.assignment.sweep_id)

    def status(self, key: str) -> str:
        return self.store.run(key).run["status"]


@pytest.fixture
def register(empty: Path, tmp_path: Path):
    """Registers a sweep in a store of its own, in that folder; `register(spec, folder)`."""
    with ExitStack() as stores:

        def registered(spec: SweepSpec, folder: Path) -> Registered:
            folder.mkdir(exist_ok=True)
            (folder / "gst.db").write_bytes(empty.read_bytes())
            url = f"sqlite:///{folder / 'gst.db'}"
            store = stores.enter_context(Store.open(url))
            sweep_id = store.register(spec)
            assignment = Assignment(
                url=url,
                sweep_id=sweep_id,
                driver_epoch=store.take_over(sweep_id),
                data=tmp_path / "data",
                artifacts=folder / "artifacts",
                cpus=1,
                gpus=0,
                checkpoint_seconds=30.0,
            )
            return Registered(spec, store, folder / "gst.db", assignment)

        yield registered


@pytest.fixture
def registered(register, tmp_path: Path) -> Registered:
    return register(spec_of(), tmp_path)
