"""Which of the published sweeps one of the store stands for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gst.analysis import Source
from gst.compare.published import Published, PublishedFigure
from gst.config import load_sweep
from gst.config.run import RunConfig
from gst.errors import InputError
from gst.paths import project_folder

if TYPE_CHECKING:
    from gst.store import Store


def stands_for(
    store: Store, published: Published, figures: Sequence[str], source: Source
) -> tuple[str, str | None]:
    """The published sweep in whose place the source is, and the benchmark of the figures that it is about.

    Among a figure's benchmarks it is the one whose sweep has that name, or else the one with its network and
    data. Raises InputError for figures of several sweeps, and where no benchmark fits.
    """
    config = store.spec(source.members[0].key).config
    found = {name: _own(published.figures[name], source.sweep, config) for name in figures}
    sweeps = {own for own, _ in found.values()} - {None}
    if len(sweeps) != 1:
        said = ", ".join(f"{name} {own or 'none'}" for name, (own, _) in found.items())
        raise InputError(f"another sweep can stand for one of the published, and these have {said}")
    (own,) = sweeps
    assert own is not None
    return own, next((benchmark for _, benchmark in found.values() if benchmark), None)


def _own(figure: PublishedFigure, sweep: str, config: RunConfig) -> tuple[str | None, str | None]:
    """The sweep of the figure that is meant, and its benchmark in a figure of several."""
    if not figure.benchmarks:
        return figure.sweep, None
    name = sweep.partition("@")[0]
    for fits in (lambda own: own == name, lambda own: _setting(config) in _shipped(own)):
        if meant := [(own, benchmark) for benchmark, own in figure.benchmarks.items() if fits(own)]:
            return meant[0]
    listed = ", ".join(f"{own} ({benchmark})" for benchmark, own in figure.benchmarks.items())
    raise InputError(f"sweep {sweep!r} is of none of the figure's networks and data; there are: {listed}")


def _shipped(sweep: str) -> set[tuple[str, str]]:
    path = project_folder("sweeps") / f"{sweep}.yaml"
    return {_setting(it.config) for it in load_sweep(path).configs} if path.is_file() else set()


def _setting(config: RunConfig) -> tuple[str, str]:
    return config.model.name, config.data.name
