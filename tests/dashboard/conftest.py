"""A store with some of everything, the dashboard of it, and the pages as modules."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from browser import Browser
from stores import fill
from tradeoffs import HAND
from troubled import TROUBLED

from gst.dashboard.app import create_app
from gst.dashboard.page import Context, load_page, load_pages
from gst.paths import project_folder
from gst.store import Store


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with two sweeps: `hand`, which is complete, and `troubled`; not to be written."""
    path = tmp_path_factory.mktemp("dashboard") / "gst.db"
    with Store.open(str(path), create=True) as store:
        fill(store, HAND)
        fill(store, TROUBLED, name="troubled")
    return path


@pytest.fixture
def path(filled: Path, tmp_path: Path) -> Path:
    """A copy of it, in which what runs has just given a sign of life."""
    copy = tmp_path / "gst.db"
    copy.write_bytes(filled.read_bytes())
    with closing(sqlite3.connect(copy)) as opened, opened:
        now = "strftime('%Y-%m-%d %H:%M:%f000', 'now')"
        opened.execute(f"UPDATE runs SET heartbeat = {now} WHERE status = 'running'")
    return copy


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    """That store, opened read-only, as the dashboard opens it."""
    with Store.open(str(path), readonly=True) as opened:
        yield opened


@pytest.fixture
def writable(path: Path) -> Iterator[Store]:
    """The same store, opened by somebody who trains."""
    with Store.open(str(path)) as opened:
        yield opened


@pytest.fixture
def context(store: Store) -> Context:
    return Context(store)


@pytest.fixture
def app(store: Store):
    """The dashboard of that store with the pages that come with gst."""
    return create_app(store, load_pages([project_folder("dashboards")]))


@pytest.fixture
def page():
    """The module of a page that comes with gst, by its name."""

    def module(name: str):
        load_page(project_folder("dashboards") / f"{name}.py")
        return sys.modules[f"gst_dashboard_page_{name}"]

    return module


@pytest.fixture
def call(app):
    """Call back as a browser does: outputs by name to inputs and states; what the server answers."""
    client = app.server.test_client()

    def send(outputs: str, inputs: dict[str, object], states: dict[str, object] | None = None, changed=()):
        names = outputs.strip(".").split("...")
        body = {
            "output": outputs,
            "outputs": [_parted(name) for name in names] if len(names) > 1 else _parted(names[0]),
            "inputs": [_parted(name) | {"value": value} for name, value in inputs.items()],
            "state": [_parted(name) | {"value": value} for name, value in (states or {}).items()],
            "changedPropIds": list(changed),
        }
        response = client.post("/_dash-update-component", json=body)
        assert response.status_code in (200, 204), response.text
        return response.get_json() if response.status_code == 200 else None

    return send


def _parted(name: str) -> dict[str, str]:
    component, _, prop = name.rpartition(".")
    return {"id": component, "property": prop}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real browser."""
    found = Browser()
    yield found
    found.close()
