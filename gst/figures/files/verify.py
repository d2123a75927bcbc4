"""Whether a figure's file still says what a store says."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import gst
from gst.analysis.source import Source, find_source
from gst.errors import InputError
from gst.figures.files import embedding
from gst.figures.files.differences import cell_difference, drawing_difference
from gst.figures.files.embedding import Extract, extract
from gst.figures.files.export import SUFFIXES, numbers_sha256, titled
from gst.figures.sheet import Sheet
from gst.store import Store, run_states
from gst.store.versions import Version
from gst.words import listed, short

if TYPE_CHECKING:
    from gst.figures.recipe import Figure

SHOWN = 3
"""Run keys that a message names."""


class Check(NamedTuple):
    """One thing that was looked at: whether it holds (None: it could not be checked), and in words.

    `by_nature` says that no file of its format can be checked for it.
    """

    holds: bool | None
    words: str
    by_nature: bool = False


def verify(store: Store, path: Path, figures: Mapping[str, Figure]) -> tuple[Check, ...]:
    """What of the file at that path holds in the store, one check after another.

    Raises InputError for a file that cannot be read or has no provenance.
    """
    try:
        return tuple(_checks(store, extract(path), figures))
    except RecursionError:
        raise InputError(f"{path}: is nested too deeply") from None


def _checks(store: Store, found: Extract, figures: Mapping[str, Figure]) -> Iterator[Check]:
    about = found.about
    version, words = _sweep(store, about)
    yield Check(version is not None, words)
    yield from _runs(store, about)
    if version is None:
        yield Check(None, "the numbers: without the sweep they cannot be computed again")
        return
    try:
        source, more = _source(store, version, about)
        figure, numbers = _again(store, source, about, figures)
    except InputError as error:
        yield Check(False, f"the numbers cannot be computed again: {error}")
        return
    if figure is None or numbers is None:
        yield Check(None, "the numbers: the file does not say which figure it is")
        return
    if "run_keys_sha256" in about:
        words = f"its {about.get('runs')} runs are those that the store has completed for it"
        yield Check(
            embedding.keys(numbers.source.keys).get("run_keys_sha256") == about["run_keys_sha256"], words
        )
    same = numbers_sha256(numbers.table()) == about["numbers_sha256"]
    yield Check(same, _numbers(about, numbers, same) + more)
    yield _carried(found, numbers, figure.draw)


def _sweep(store: Store, about: Mapping[str, Any]) -> tuple[Version | None, str]:
    """The version that the file is of, if it is there, and in words: by its digest, else by its runs."""
    name, digest, keys = about["sweep"], about["sweep_digest"], set(about.get("run_keys") or ())
    versions = store.sweeps(name=name)
    for version in versions:
        if version.digest == digest:
            return version, f"sweep {name!r} is in the store with the digest {short(digest)}"
    for version in versions:
        if keys and keys <= {it.key for it in run_states(store, version.sweep_id)}:
            return version, f"{version.address} has its runs; it had the digest {short(digest)} then"
    if versions:
        others = ", ".join(short(other.digest) for other in reversed(versions))
        return None, f"sweep {name!r} has another digest in the store: {others}, not {short(digest)}"
    return None, f"there is no sweep {name!r} in the store"


def _runs(store: Store, about: Mapping[str, Any]) -> Iterator[Check]:
    """Whether each run that the file names is there and completed; over a thousand are not named."""
    keys = about.get("run_keys")
    if keys is None:
        return
    statuses = {it.key: it.status for it in run_states(store)}
    absent = [key for key in keys if key not in statuses]
    ended_otherwise = [key for key in keys if statuses.get(key, "completed") != "completed"]
    if absent:
        yield Check(False, f"{_count(absent, keys)} not in the store: {_named(absent)}")
    if ended_otherwise:
        words = ", ".join(sorted({statuses[key] for key in ended_otherwise}))
        yield Check(
            False, f"{_count(ended_otherwise, keys)} not completed but {words}: {_named(ended_otherwise)}"
        )
    if not absent and not ended_otherwise:
        yield Check(True, f"its {len(keys)} runs are in the store and completed")


def _source(store: Store, version: Version, about: Mapping[str, Any]) -> tuple[Source, str]:
    """What the figure is computed from again: the version, or of one that has grown since the file's runs.

    And in words, what it has more.
    """
    source, keys = find_source(store, f"{version.name}@{version.digest}"), set(about.get("run_keys") or ())
    if not keys or not keys < set(source.keys):
        return source, ""
    then = source._replace(members=tuple(it for it in source.members if it.key in keys))
    return then, f"; the store has {len(source.keys)} completed runs for it by now, the file {len(keys)}"


def _again(
    store: Store, source: Source, about: Mapping[str, Any], figures: Mapping[str, Figure]
) -> tuple[Figure, Sheet] | tuple[None, None]:
    """The figure and its numbers from the store; None where the file does not name it.

    Raises InputError for a figure or a parameter that this version does not have.
    """
    name, parameters = about.get("figure"), about.get("parameters") or {}
    if name is None:
        return None, None
    if name not in figures:
        raise InputError(f"gst {gst.__version__} has no figure {name!r}")
    known = inspect.signature(figures[name].numbers).parameters
    if unknown := sorted(set(parameters) - set(known)):
        raise InputError(f"figure {name!r} has no parameter {', '.join(unknown)}")
    numbers: Sheet = figures[name].numbers(store, source, **parameters)
    return figures[name], numbers


def _numbers(about: Mapping[str, Any], numbers: Sheet, same: bool) -> str:
    if same:
        return f"the numbers of figure {about['figure']!r}, computed again, are those it was drawn from"
    words = f"the numbers of figure {about['figure']!r}, computed again, are others than it was drawn from"
    source = numbers.source
    of_file = {name: about[name] for name in ("run_keys", "run_keys_sha256") if name in about}
    if embedding.keys(source.keys) != of_file:
        words += f"; the store has {len(source.keys)} completed runs for it, the file {about.get('runs')}"
    if about["gst"] != gst.__version__:
        words += f"; it was drawn by gst {about['gst']}, this is {gst.__version__}"
    return words


def _carried(found: Extract, numbers: Sheet, draw: Callable[[Any], Any]) -> Check:
    """Whether what the file shows is what these numbers give, whatever version it says that it is of."""
    if found.cells is not None:
        difference = cell_difference(found.cells, numbers.table().filled())
        return _shown("every cell of the CSV is", "the CSV is not", difference)
    if found.text is None and found.figure is None:
        words = f"what the {found.format} shows: of a picture only its provenance can be checked"
        return Check(None, words, by_nature=True)
    drawing, again = draw(numbers), titled(numbers)
    if found.text is not None:
        what, does = f"the {found.format} table", "write"
        suffix = ".md" if found.format == "Markdown" else ".tex"
        same = found.text.encode() == SUFFIXES[suffix](drawing, again, found.about)
        difference = None if same else "its text is another"
    else:
        what, does = "the drawing", "draw"
        expected = json.loads(SUFFIXES[".json"](drawing, again, found.about))
        difference = drawing_difference(found.figure or {}, expected)
    if difference is not None and found.about["gst"] != gst.__version__:
        by = f"it is by gst {found.about['gst']}, which may {does} otherwise"
        return Check(None, f"{what}: {difference} here; {by}")
    return _shown(f"{what} is", f"{what} is not", difference)


def _shown(does: str, does_not: str, difference: str | None) -> Check:
    if difference is None:
        return Check(True, f"{does} what these numbers give")
    return Check(False, f"{does_not} what these numbers give" + (f": {difference}" if difference else ""))


def _count(some: list[str], of: list[str]) -> str:
    return f"{len(some)} of its {len(of)} runs {'is' if len(some) == 1 else 'are'}"


def _named(keys: list[str]) -> str:
    return listed(list(map(short, keys)), SHOWN)
