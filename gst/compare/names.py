"""Which published figures a user means."""

from __future__ import annotations

import re
from collections.abc import Iterable

from gst.compare.published import Published
from gst.errors import UnknownNameError


def figures_named(published: Published, names: Iterable[str]) -> tuple[str, ...]:
    """The figures of those names, families and papers, each once, in the order of the file.

    A family is what several names begin with: fig2 is fig2_vgg11 and fig2_resnet18, figE is figE1 to figE6.
    A figure's own name means that figure alone. Raises UnknownNameError.
    """
    chosen: set[str] = set()
    for name in names:
        found = _members(published, name)
        if not found:
            known = {*published.figures, *published.papers, *families(published)}
            raise UnknownNameError("published figure", name, known)
        chosen |= found
    return tuple(name for name in published.figures if name in chosen)


def families(published: Published) -> tuple[str, ...]:
    """The names that stand for several figures, in alphabetical order."""
    starts = {start for name in published.figures for start in _starts(name)}
    return tuple(
        sorted(it for it in starts if it not in published.figures and len(_members(published, it)) > 1)
    )


def _members(published: Published, name: str) -> set[str]:
    if name in published.figures:
        return {name}
    if name in published.papers:
        return {figure for figure, its in published.figures.items() if its.paper == name}
    return {figure for figure in published.figures if name in _starts(figure)}


def _starts(name: str) -> set[str]:
    """What a name may be called for short: up to an underscore, or without a number after a capital."""
    starts = {name[: match.start()] for match in re.finditer("_", name)}
    if numbered := re.fullmatch(r"(.*[A-Z])\d+", name):
        starts.add(numbered[1])
    return starts
